import type { AppendLog } from '@waybill/append-log';
import type { LedgerEntry } from './booking.ts';

/** The storage of the carriers' ledger lines. */
export type Ledger = Pick<AppendLog<LedgerEntry>, 'append' | 'safe' | 'failed' | 'close'>;

/** Stores nothing; for benchmarks and unit tests. */
export const forgetful: Ledger = {
  append: async () => {},
  safe: async () => {},
  failed: new Promise(() => {}),
  close: async () => {},
};
