import type { AppendLog } from '@waybill/append-log';
import type { LedgerEntry } from './booking.ts';

/** The storage of ledger lines, by default those of the carriers. */
export type Ledger<E extends object = LedgerEntry> = Pick<
  AppendLog<E>,
  'append' | 'safe' | 'failed' | 'close'
>;

/** Stores nothing; for benchmarks and unit tests. */
export const forgetful: Ledger<object> = {
  append: async () => {},
  safe: async () => {},
  failed: new Promise(() => {}),
  close: async () => {},
};
