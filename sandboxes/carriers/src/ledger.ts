import type { AppendLog } from '@waybill/append-log';
import type { LedgerEntry } from './booking.ts';

/** Where the carriers keep their lines. */
export type Ledger = Pick<AppendLog<LedgerEntry>, 'append' | 'safe' | 'failed' | 'close'>;

/** Keeps nothing; for benchmarks and unit tests. */
export const forgetful: Ledger = {
  append: async () => {},
  safe: async () => {},
  failed: new Promise(() => {}),
  close: async () => {},
};
