import { type Cause, type Envelope, newId } from '@waybill/contracts';
import { EnvelopeWrapper, emptyBatch, type OutboxRow } from '@waybill/messaging';
import {
  connectDatabase,
  handledOf,
  outboxPartitionOf,
  PgStore,
  pageKey,
  poolOf,
} from '@waybill/persistence';
import type { Pool } from 'pg';
import { routesOf } from './brokers/open-brokers.ts';
import { hostConfig } from './config/host.config.ts';
import { type Environment, InvalidConfig, readSettings } from './config/read-settings.ts';
import type { PublishedMessage, ServiceDeclaration } from './service-options.ts';

const pageSize = 500;

/**
 * Adds the messages that a service published in the last `lastMs` milliseconds to its outbox again, for brokers that lost
 * them; resolves with their number. Safe to repeat, and while the service runs, because consumers skip duplicates.
 */
export async function republish(
  declaration: ServiceDeclaration,
  env: Environment,
  lastMs: number,
): Promise<number> {
  if (!declaration.published) return 0;
  const [settings] = readSettings(declaration.name, env, [hostConfig]);
  if (lastMs >= settings.inboxRetentionMs) {
    throw new InvalidConfig(declaration.name, [
      'REPUBLISH is not shorter than INBOX_RETENTION: the inbox does not know older messages',
    ]);
  }
  const routes = await routesOf(settings.brokers);
  const dataSource = await connectDatabase(declaration, {
    service: declaration.name,
    url: settings.databaseUrl,
    poolSize: settings.databasePool,
  });
  try {
    const pool = poolOf(dataSource);
    const store = new PgStore(pool, declaration.tables);
    const route = ({ kind, key }: Envelope) => ({
      broker: routes.brokerFor(kind).name,
      outboxPartition: outboxPartitionOf(key),
      own: false,
    });
    const wrapper = new EnvelopeWrapper({ service: declaration.name, relay: { route } });
    const since = new Date(Date.now() - lastMs);
    let count = 0;
    for await (const page of pagesOf(declaration.published({ dataSource, since }))) {
      const outbox = wrapped(page, wrapper, await causesOf(page, pool, since));
      await store.commit({ ...emptyBatch, outbox });
      count += outbox.length;
    }
    return count;
  } finally {
    await dataSource.destroy();
  }
}

async function* pagesOf(
  published: AsyncIterable<PublishedMessage>,
): AsyncIterable<readonly PublishedMessage[]> {
  let page: PublishedMessage[] = [];
  for await (const each of published) {
    page.push(each);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

const wrapped = (
  page: readonly PublishedMessage[],
  wrapper: EnvelopeWrapper,
  causeOf: (published: PublishedMessage) => Cause,
): OutboxRow[] =>
  page.flatMap((published) => {
    const { message, at: now, sequence } = published;
    const from = { cause: causeOf(published), group: 'republished', now, sequence };
    return wrapper.wrap([message], from).flatMap(({ row }) => (row ? [row] : []));
  });

/** The inbox knows the conversation of a message as long as it contains the message that caused it. */
async function causesOf(
  page: readonly PublishedMessage[],
  pool: Pool,
  since: Date,
): Promise<(published: PublishedMessage) => Cause> {
  const ids = page.flatMap(({ causeId }) => causeId ?? []);
  const keys = page.flatMap((published) => (published.causeId === null ? keyOf(published) : []));
  const all = [...new Set(page.map(keyOf))];
  const { rows } = await pool.query<{ of: string; id: string; correlation: string }>(
    `with heard as (${handledOf('$4', '$5')})
    select 'id ' || message_id as of, message_id as id, min(correlation_id) as correlation
      from heard where message_id = any($1::uuid[]) group by message_id
    union all (select distinct on (key) 'key ' || key, message_id, correlation_id
      from heard where key = any($2) and at >= $3 order by key, at desc, message_id desc)`,
    [ids, keys, since, all, all.map(pageKey)],
  );
  const known = new Map(rows.map((row) => [row.of, row]));
  return (published) => {
    const found = known.get(
      published.causeId ? `id ${published.causeId}` : `key ${keyOf(published)}`,
    );
    const id = published.causeId ?? found?.id ?? newId();
    return { id, correlationId: found?.correlation ?? id, traceparent: null };
  };
}

const keyOf = ({ message }: PublishedMessage): string => message.contract.key(message.data);
