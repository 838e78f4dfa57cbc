import { describe, expect, it } from '@jest/globals';
import { anOrderRequest } from '@waybill/testing';
import { useSystem } from './system/test-system.ts';

describe('an order with an idempotency key', () => {
  const system = useSystem();

  it('gets the first answer again, byte for byte, and says that it is the first one', async () => {
    const ada = await system().as('ada');
    const first = await ada.placeOrder({}, 'same-answer');
    await ada.settled(first.body.id);
    const again = await ada.placeOrder({}, 'same-answer');
    expect(again.status).toBe(202);
    expect(again.bytes.equals(first.bytes)).toBe(true);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is the same order however its properties are ordered', async () => {
    const ada = await system().as('ada');
    const first = await ada.placeOrder({}, 'sorted-keys');
    const reversed = Object.fromEntries(Object.entries(anOrderRequest()).reverse());
    const again = await ada.post('/api/v1/orders', reversed, { 'idempotency-key': 'sorted-keys' });
    expect(again.status).toBe(202);
    expect(again.bytes.equals(first.bytes)).toBe(true);
  });

  it('is refused when the key was used for another order', async () => {
    const ada = await system().as('ada');
    await ada.placeOrder({ note: 'one' }, 'other-body');
    const other = await ada.placeOrder({ note: 'two' }, 'other-body');
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('is another order for another customer with the same key', async () => {
    const [ada, grace] = await Promise.all([system().as('ada'), system().as('grace')]);
    const first = await ada.placeOrder({}, 'two-customers');
    const second = await grace.placeOrder({}, 'two-customers');
    expect(second.status).toBe(202);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('is one order when twenty requests bring it at the same moment', async () => {
    const ada = await system().as('ada');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ada.placeOrder({ note: 'once' }, 'at-the-same-moment')),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1);
    const fresh = answers.filter(({ headers }) => !headers.has('idempotency-replayed'));
    expect(fresh).toHaveLength(1);
    const mine = await ada.all<{ note: string | null }>('/api/v1/orders');
    expect(mine.filter(({ note }) => note === 'once')).toHaveLength(1);
  });

  it('stores no refusal: the same key may bring the corrected order', async () => {
    const ada = await system().as('ada');
    const wrong = await ada.placeOrder({ lines: [{ sku: 'NO-SUCH', quantity: 1 }] }, 'corrected');
    expect(wrong.status).toBe(422);
    expect((await ada.placeOrder({}, 'corrected')).status).toBe(202);
  });

  it.each([
    ['empty', ''],
    ['256 characters', 'k'.repeat(256)],
  ])('is refused when its key is %s', async (_, key) => {
    const ada = await system().as('ada');
    expect((await ada.placeOrder({}, key)).status).toBe(400);
  });

  it('gets the first answer also after a restart', async () => {
    const ada = await system().as('ada');
    const first = await ada.placeOrder({ note: 'kept' }, 'k'.repeat(255));
    await system().kill9();
    await system().start();
    const again = await ada.placeOrder({ note: 'kept' }, 'k'.repeat(255));
    expect(again.status).toBe(202);
    expect(again.bytes.equals(first.bytes)).toBe(true);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await ada.settled(first.body.id)).status).toBe('confirmed');
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
