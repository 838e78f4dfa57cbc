import { expect, it } from '@jest/globals';
import { oneBroker } from '@waybill/messaging';
import { outboxRow } from '../testing/orders.fixture.ts';
import { TestBroker } from '../testing/test-broker.fixture.ts';
import type { Waiting } from './outbox-partition.ts';
import { Publisher } from './publisher.ts';

const waiting = (seq: number, id?: string): Waiting => ({ ...outboxRow(id ? { id } : {}), seq });

function published(rows: readonly Waiting[], broker: TestBroker) {
  const settled: [seq: number, failed: boolean][] = [];
  new Publisher(oneBroker(broker)).publish(broker.name, rows, ({ seq }, error) =>
    settled.push([seq, error !== undefined]),
  );
  return settled;
}

it('publishes a message that is there twice, twice, and settles both', () => {
  const broker = new TestBroker();
  const [one, two] = [waiting(1), waiting(2)];
  const again = waiting(3, two.id);
  expect(published([one, two, again], broker)).toEqual([1, 2, 3].map((seq) => [seq, false]));
  expect(broker.taken).toEqual([one.id, two.id, two.id]);
});

it('does not publish it the second time when something before it was refused', () => {
  const broker = new TestBroker();
  let refusals = 2;
  broker.failWith = () => (refusals-- > 0 ? new Error('no') : undefined);
  const [one, two] = [waiting(1), waiting(2)];
  expect(published([one, two, waiting(3, two.id)], broker)).toEqual(
    [1, 2, 3].map((seq) => [seq, true]),
  );
  expect(broker.taken).toEqual([]);
});
