import { EventStore } from '@waybill/event-store';
import { poolOf } from '@waybill/persistence';
import type { PublishedContext, PublishedMessage } from '@waybill/service';
import { messageOf } from '../domain/account.announcements.ts';
import type { AccountEvent } from '../domain/account.events.ts';
import type { Account } from '../domain/account.ts';
import { accounts } from '../storage/customer.entities.ts';

const pageSize = 500;

/** The published messages about accounts, made from their events with the same ids. */
export async function* publishedAccounts({
  dataSource,
  since,
}: PublishedContext): AsyncIterable<PublishedMessage> {
  const pool = poolOf(dataSource);
  const events = new EventStore<Account, AccountEvent>({ stream: accounts, pool });
  const { rows } = await pool.query<{ first: string | null }>(
    'SELECT min(position) AS first FROM customer_events WHERE at >= $1',
    [since],
  );
  let after = rows[0]?.first ? Number(rows[0].first) - 1 : Number.MAX_SAFE_INTEGER;
  for (;;) {
    const page = await events.readAll(after, pageSize);
    for (const { streamId, event, at, messageId: causeId, version: sequence } of page) {
      yield { message: messageOf(streamId, event, at), causeId, at: new Date(at), sequence };
    }
    const last = page.at(-1);
    if (!last) return;
    after = last.position;
  }
}
