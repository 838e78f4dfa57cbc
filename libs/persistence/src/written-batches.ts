import type { Contract } from '@waybill/message';
import { type BatchConsumer, batchConsumer } from '@waybill/messaging';
import { storeFailure } from './store-failure.ts';

/** The database did not take a batch, for a reason that is not in the batch: it is offered again, however long that takes. */
class NotWritten extends Error {
  readonly code = 'not_written';
  readonly countsAsAttempt = false;
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'NotWritten';
  }
}

/** One message of a batch. */
export interface WrittenMessage<D> {
  readonly id: string;
  readonly data: D;
  /** The version of what the message is about, if its publisher counts them. */
  readonly sequence: number | null;
}

/** Consumes messages in batches; `write` writes each batch in one transaction, and may get a message again. */
export const writtenBatches = <D>(
  contract: Contract<D>,
  options: { readonly group: string; readonly linger: number },
  write: (batch: readonly WrittenMessage<D>[]) => Promise<void>,
): BatchConsumer =>
  batchConsumer(contract, {
    ...options,
    write: async (batch) => {
      try {
        await write(batch as readonly WrittenMessage<D>[]);
      } catch (error) {
        throw storeFailure(error) === 'data' ? error : new NotWritten(error);
      }
      return batch.map(({ id }) => ({ id }));
    },
  });
