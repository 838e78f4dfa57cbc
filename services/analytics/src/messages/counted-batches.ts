import type { Contract } from '@waybill/contracts';
import type { BatchConsumer } from '@waybill/messaging';
import { writtenBatches } from '@waybill/persistence';

/** Consumes messages in batches; `count` writes each batch in one transaction. */
export const countedBatches = <D>(
  contract: Contract<D>,
  group: string,
  count: (batch: readonly D[]) => Promise<void>,
): BatchConsumer =>
  // On the embedded broker, a report is answered once it is counted: so it does not linger.
  writtenBatches(contract, { group, linger: 50 }, (batch) => count(batch.map(({ data }) => data)));
