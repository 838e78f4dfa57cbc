import { afterEach, describe, expect, it } from '@jest/globals';
import { stockOf, stockUp } from '../system/products.ts';
import { useSystem } from '../system/test-system.ts';

const orders = 40;
const buyers = 200;

describe('while the outside world misbehaves', () => {
  // Long enough that several lost responses in a row are followed by one that arrives.
  const system = useSystem({ PAYMENT_GIVE_UP_AFTER: '120s' });

  afterEach(async () => {
    await system().sandboxes.providerFaults({});
    await system().sandboxes.carrierFaults({});
  });

  async function buyMany(): Promise<string[]> {
    const ada = await system().as('ada');
    const bought = await Promise.all(Array.from({ length: orders }, () => ada.placeOrder()));
    expect(bought.map(({ status }) => status)).toEqual(bought.map(() => 202));
    return bought.map(({ body }) => body.id);
  }

  async function statusesOf(ids: readonly string[]): Promise<string[]> {
    const ada = await system().as('ada');
    return Promise.all(ids.map(async (id) => (await ada.settled(id)).status));
  }

  it.each([
    ['answers late', { latencyMs: 700 }],
    ['handles everything twice', { duplicates: true }],
    ['loses a third of its answers after the charge', { lostAnswerShare: 0.3 }],
    ['fails a third of the calls', { errorShare: 0.3, errorStatus: 503 }],
  ])('confirms every order when the provider %s', async (_, faults) => {
    await system().sandboxes.providerFaults(faults);
    const ids = await buyMany();
    expect(await statusesOf(ids)).toEqual(ids.map(() => 'confirmed'));
    expect(await system().verify()).toEqual([]);
  });

  it.each([
    ['answer late', { latencyMs: 400 }],
    ['lose half of the bookings that they make', { loseBookings: 0.5 }],
    ['fail a third of the calls', { errorShare: 0.3 }],
    [
      'send every webhook three times, the last move first',
      { webhookCopies: 3, webhooksReversed: true },
    ],
  ])('books one parcel for each confirmed order when carriers %s', async (_, faults) => {
    await system().sandboxes.carrierFaults(faults);
    const ids = await buyMany();
    for (const status of await statusesOf(ids)) expect(['confirmed', 'rejected']).toContain(status);
    const [delivered = ''] = ids;
    if ('webhookCopies' in faults) {
      await system().sandboxes.moveParcel(delivered, 'delivered');
      await system().reaches(await system().as('ada'), delivered, 'delivered');
    }
    await system().sandboxes.carrierFaults({});
    expect(await system().verify()).toEqual([]);
  });

  it(`sells the last unit once when ${buyers} customers order it at the same moment`, async () => {
    const [ada, grace, ops] = await Promise.all([
      system().as('ada'),
      system().as('grace'),
      system().as('ops'),
    ]);
    await stockUp(ops, 'LAST-ONE', 1);
    const placed = await Promise.all(
      Array.from({ length: buyers }, (_, i) =>
        (i % 2 ? ada : grace).placeOrder({ lines: [{ sku: 'LAST-ONE', quantity: 1 }] }),
      ),
    );
    const settled = await Promise.all(
      placed.map(({ body }, i) => (i % 2 ? ada : grace).settled(body.id)),
    );
    const confirmed = settled.filter(({ status }) => status === 'confirmed');
    expect(confirmed).toHaveLength(1);
    const reasons = settled.filter((order) => order !== confirmed[0]).map(({ reason }) => reason);
    expect(reasons).toEqual(reasons.map(() => 'out_of_stock'));
    expect(await system().verify()).toEqual([]);
    expect(await stockOf(ops, 'LAST-ONE')).toMatchObject({ available: 0, reserved: 0, sold: 1 });
  });
});
