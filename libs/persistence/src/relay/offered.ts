import type { OutboxRow } from '@waybill/messaging';
import { pagesOf, singlesOf } from '../outbox-page.ts';
import { HeldPage } from './held-page.ts';
import type { Waiting } from './lane.ts';

/** What this process has committed: a page, or a single row. */
export interface Offered {
  /** The first number. */
  readonly seq: number;
  readonly broker: string;
  readonly rows: readonly Waiting[];
  readonly page?: HeldPage;
  /** Null: at once. Only of single rows. */
  readonly dueAt: string | null;
}

/** The pages and single rows of a batch with the numbers that its commit gave, in their order. */
export function offeredOf(rows: readonly OutboxRow[], seqs: readonly number[]): readonly Offered[] {
  const rowAt = (place: number, of: number | null): Waiting => {
    const { id, lane, channel, body, envelope, contract } = rows[place] as OutboxRow;
    return { seq: seqs[place] as number, id, lane, channel, body, envelope, contract, of };
  };
  const pages = pagesOf(rows).map(({ broker, places }): Offered => {
    const seq = seqs[places[0] as number] as number;
    const messages = places.map((place) => rowAt(place, seq));
    return { seq, broker, rows: messages, page: new HeldPage(broker, messages), dueAt: null };
  });
  const singles = singlesOf(rows).map((place): Offered => {
    const { broker, dueAt } = rows[place] as OutboxRow;
    const row = rowAt(place, null);
    return { seq: row.seq, broker, rows: [row], dueAt };
  });
  return [...pages, ...singles];
}
