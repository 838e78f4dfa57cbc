import { expect, it } from '@jest/globals';
import { FakeOperations } from '../testing/fake-operations.ts';
import { SystemAudit } from './system-audit.ts';

const idOf = (n: number): string => `01980000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const actionOf = (n: number, operator = 'ops') => ({
  id: idOf(n),
  operator,
  action: 'DELETE /api/v1/faults',
  subject: null,
  reason: null,
});

const system = () => {
  const [order, payment] = [new FakeOperations('order'), new FakeOperations('payment')];
  return { order, payment, all: new SystemAudit([order, payment], 'gateway') };
};

it('pages through the actions of all services, each once, newest first', async () => {
  const { order, payment, all } = system();
  for (let n = 0; n < 7; n += 1) {
    const { service, audit } = n % 3 === 0 ? order : payment;
    await audit.began({ ...actionOf(n), service });
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await all.list({}, 2, cursor);
    seen.push(...items.map(({ id }) => id));
    cursor = nextCursor ?? undefined;
  } while (cursor);
  expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map(idOf));
});

it('names the services that did not reply', async () => {
  const { order, payment, all } = system();
  await order.audit.began({ ...actionOf(1), service: 'order' });
  payment.audit.away = true;
  expect(await all.list({}, 10)).toMatchObject({
    items: [{ id: idOf(1) }],
    missing: ['payment'],
    nextCursor: null,
  });
});

it('stores what is done at the gateway in the first service that can', async () => {
  const { order, payment, all } = system();
  order.audit.away = true;
  await all.began(actionOf(1));
  order.audit.away = false;
  await all.ended(idOf(1), { status: 204, subject: null });
  expect(payment.audit.actions).toMatchObject([{ service: 'gateway', status: 204 }]);
  expect(order.audit.actions).toEqual([]);
});

it('refuses an action that no service can store', async () => {
  const { order, payment, all } = system();
  order.audit.away = true;
  payment.audit.away = true;
  await expect(all.began(actionOf(1))).rejects.toMatchObject({ status: 503, code: 'unavailable' });
});
