import { expect, it } from '@jest/globals';
import type { Target } from './target.ts';

/** One idempotency key, one order. */
export function idempotencyTests(target: () => Target): void {
  it('gets the first answer again, byte for byte, and says that it is the first one', async () => {
    const key = target().unique('same-answer');
    const ada = await target().as('ada');
    const first = await ada.placeOrder({}, key);
    await ada.settled(first.body.id);
    const again = await ada.placeOrder({}, key);
    expect(again.status).toBe(202);
    expect(again.bytes.equals(first.bytes)).toBe(true);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('is the same order however its properties are ordered', async () => {
    const key = target().unique('sorted-keys');
    const ada = await target().as('ada');
    const first = await ada.placeOrder({}, key);
    const reversed = Object.fromEntries(Object.entries(ada.request()).reverse());
    const again = await ada.served(() =>
      ada.post('/api/v1/orders', reversed, { 'idempotency-key': key }),
    );
    expect(again.status).toBe(202);
    expect(again.bytes.equals(first.bytes)).toBe(true);
  });

  it('is refused when the key was used for another order', async () => {
    const key = target().unique('other-body');
    const ada = await target().as('ada');
    await ada.placeOrder({ note: 'one' }, key);
    const other = await ada.placeOrder({ note: 'two' }, key);
    expect(other.status).toBe(422);
    expect(other.body).toMatchObject({ code: 'idempotency_key_reused' });
  });

  it('is another order for another customer with the same key', async () => {
    const key = target().unique('two-customers');
    const [ada, grace] = await Promise.all([target().as('ada'), target().as('grace')]);
    const first = await ada.placeOrder({}, key);
    const second = await grace.placeOrder({}, key);
    expect(second.status).toBe(202);
    expect(second.body.id).not.toBe(first.body.id);
  });

  it('is one order when twenty requests bring it at the same moment', async () => {
    const key = target().unique('at-the-same-moment');
    const once = target().unique('once');
    const ada = await target().as('ada');
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ada.placeOrder({ note: once }, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1);
    const fresh = answers.filter(({ headers }) => !headers.has('idempotency-replayed'));
    expect(fresh).toHaveLength(1);
    const placedAt = answers[0]?.body.placedAt ?? '';
    const mine = await ada.all(
      '/api/v1/orders',
      { query: { limit: 200 } },
      (order) => order.placedAt < placedAt,
    );
    expect(mine.filter(({ note }) => note === once)).toHaveLength(1);
  });

  it('stores no refusal: the same key may bring the corrected order', async () => {
    const key = target().unique('corrected');
    const ada = await target().as('ada');
    const wrong = await ada.placeOrder({ lines: [{ sku: 'NO-SUCH', quantity: 1 }] }, key);
    expect(wrong.status).toBe(422);
    expect((await ada.placeOrder({}, key)).status).toBe(202);
  });

  it.each([
    ['empty', ''],
    ['256 characters', 'k'.repeat(256)],
  ])('is refused when its key is %s', async (_, key) => {
    const ada = await target().as('ada');
    expect((await ada.placeOrder({}, key)).status).toBe(400);
  });
}
