import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { type TestDatabase, testDatabase } from '@waybill/persistence/testing';
import { OperatorActions1796750000001 } from './operator-actions.ts';
import { ServiceAudit } from './service-audit.ts';

let database: TestDatabase;
let audit: ServiceAudit;
beforeAll(async () => {
  database = await testDatabase({ migrations: [OperatorActions1796750000001] });
  audit = new ServiceAudit(() => database.pool);
});
afterAll(() => database.close());
beforeEach(() => database.pool.query('delete from operator_action'));

const began = async (action: string, operator = 'ops@example.com', at = new Date()) => {
  const id = newId(at);
  await audit.began({ id, service: 'payment', operator, action, subject: null, reason: 'why' });
  return id;
};

it('shows an action before it has ended, and then how it ended and what it created', async () => {
  const id = await began('POST /api/v1/vouchers');
  expect(await audit.list({}, 10)).toEqual([
    {
      id,
      service: 'payment',
      operator: 'ops@example.com',
      action: 'POST /api/v1/vouchers',
      subject: null,
      reason: 'why',
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      status: null,
    },
  ]);
  await audit.ended(id, { status: 201, subject: 'SPRING' });
  expect(await audit.list({}, 10)).toMatchObject([{ id, status: 201, subject: 'SPRING' }]);
});

it('lists the newest first, page by page', async () => {
  const at = Date.now();
  const ids = [];
  for (let n = 0; n < 3; n += 1) ids.unshift(await began('DELETE /', 'ops', new Date(at + n)));
  const page = await audit.list({}, 2);
  expect(page.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  expect((await audit.list({}, 2, ids[1])).map(({ id }) => id)).toEqual(ids.slice(2));
});

it('lists those of an operator, of a route, and since a moment', async () => {
  const one = await began('POST /api/v1/returns/{id}/receive');
  const two = await began('POST /api/v1/returns/{id}/refuse', 'grace');
  await began('DELETE /api/v1/faults');
  const idsOf = async (filter: Parameters<ServiceAudit['list']>[0]) =>
    (await audit.list(filter, 10)).map(({ id }) => id).sort();
  expect(await idsOf({ operator: 'grace' })).toEqual([two]);
  expect(await idsOf({ action: 'POST /api/v1/returns' })).toEqual([one, two].sort());
  expect(await idsOf({ action: '%' })).toEqual([]);
  expect(await idsOf({ since: new Date(Date.now() - 60_000).toISOString() })).toHaveLength(3);
  expect(await idsOf({ since: new Date(Date.now() + 60_000).toISOString() })).toEqual([]);
});
