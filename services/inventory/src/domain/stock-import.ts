import type { LineOutcome } from './deliveries.ts';
import type { DeliveryColumn } from './delivery-line.ts';

/** A file of deliveries, and how far it has been taken in. */
export interface StockImport {
  readonly id: string;
  /** SHA-256 of the file. */
  readonly digest: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly columns: readonly DeliveryColumn[];
  /** Where its next line begins, in bytes, and the number of the line before. */
  readonly position: number;
  readonly line: number;
  readonly received: number;
  readonly alreadyReceived: number;
  readonly refused: number;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

/** The part of a file that was taken in. */
export interface TakenPart {
  /** Where the next line begins, and the number of the line before. */
  readonly end: number;
  readonly line: number;
  readonly outcomes: readonly LineOutcome[];
}

/** The import after a part of its file; it ends with the file. */
export function afterPart(found: StockImport, part: TakenPart, now: Date): StockImport {
  const { end, line, outcomes } = part;
  const count = (of: LineOutcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === of).length;
  return {
    ...found,
    position: end,
    line,
    received: found.received + count('received'),
    alreadyReceived: found.alreadyReceived + count('already_received'),
    refused: found.refused + count('refused'),
    finishedAt: end >= found.size ? now.toISOString() : null,
  };
}
