import { expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { batchOf, purchase, purchaseWrite, shop } from '../testing/orders.fixture.ts';
import { batchParameters } from './batch-parameters.ts';
import { commitBatch } from './commit-batch-sql.ts';

const statement = commitBatch(shop.tables);

it('writes states in the order of their ids, so that two batches never wait for each other', () => {
  const ids = [newId(), newId(), newId()].sort();
  const states = ids.toReversed().map((id) => purchaseWrite(purchase({ id }), 1));
  const parameters = batchParameters(batchOf({ states }), statement);
  const place = statement.sections.findIndex(({ key }) => key === 'old:purchase');
  const rows = JSON.parse(String(parameters[place])) as { id: string }[];
  expect(rows.map(({ id }) => id)).toEqual(ids);
});
