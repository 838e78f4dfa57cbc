import type { Contract } from '@waybill/contracts';
import { type BatchConsumer, batchConsumer } from '@waybill/messaging';
import { storeFailure } from '@waybill/persistence';

/** The database did not take a batch, for a reason that is not in the batch: it is offered again, however long that takes. */
class NotCounted extends Error {
  readonly code = 'not_counted';
  readonly countsAsAttempt = false;
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'NotCounted';
  }
}

/** Consumes messages in batches; `count` writes each batch in one transaction. */
export const countedBatches = <D>(
  contract: Contract<D>,
  group: string,
  count: (batch: readonly D[]) => Promise<void>,
): BatchConsumer =>
  batchConsumer(contract, {
    group,
    // On the embedded broker, a report is answered once it is counted.
    linger: 50,
    write: async (batch) => {
      try {
        await count(batch.map(({ data }) => data as D));
      } catch (error) {
        throw storeFailure(error) === 'data' ? error : new NotCounted(error);
      }
      return batch.map(({ id }) => ({ id }));
    },
  });
