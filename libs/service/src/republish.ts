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
import type { Said, ServiceDeclaration } from './service-options.ts';

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
  if (!declaration.said) return 0;
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
    for await (const page of pagesOf(declaration.said({ dataSource, since }))) {
      const outbox = wrapped(page, wrapper, await causesOf(page, pool, since));
      await store.commit({ ...emptyBatch, outbox });
      count += outbox.length;
    }
    return count;
  } finally {
    await dataSource.destroy();
  }
}

async function* pagesOf(said: AsyncIterable<Said>): AsyncIterable<readonly Said[]> {
  let page: Said[] = [];
  for await (const each of said) {
    page.push(each);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

const wrapped = (
  page: readonly Said[],
  wrapper: EnvelopeWrapper,
  causeOf: (said: Said) => Cause,
): OutboxRow[] =>
  page.flatMap((said) => {
    const { message, at: now, sequence } = said;
    const from = { cause: causeOf(said), group: 'republished', now, sequence };
    return wrapper.wrap([message], from).flatMap(({ row }) => (row ? [row] : []));
  });

/** The inbox knows the conversation of a message as long as it contains the message that caused it. */
async function causesOf(
  page: readonly Said[],
  pool: Pool,
  since: Date,
): Promise<(said: Said) => Cause> {
  const ids = page.flatMap(({ causeId }) => causeId ?? []);
  const keys = page.flatMap((said) => (said.causeId === null ? keyOf(said) : []));
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
  return (said) => {
    const found = known.get(said.causeId ? `id ${said.causeId}` : `key ${keyOf(said)}`);
    const id = said.causeId ?? found?.id ?? newId();
    return { id, correlationId: found?.correlation ?? id, traceparent: null };
  };
}

const keyOf = ({ message }: Said): string => message.contract.key(message.data);
