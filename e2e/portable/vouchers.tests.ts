import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { Client, OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

type VoucherView = Schemas['Voucher'];

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const longAgo = '2020-01-01T00:00:00.000Z';
const farAhead = '2090-01-01T00:00:00.000Z';

/** Vouchers, from their creation to the last order that may use them. */
export function voucherTests(target: () => Target): void {
  let made = 0;

  /** Creates a voucher of ten percent, with `terms` replaced; resolves with its code. */
  async function voucher(terms: object = {}): Promise<string> {
    made += 1;
    const code = target().unique(`E2E-${made}`);
    const body = { code, percent: 10, ...terms };
    const { status } = await (await target().as('ops')).post('/api/v1/vouchers', body);
    expect(status).toBe(201);
    return code;
  }
  const usesOf = async (code: string): Promise<number> => {
    const ops = await target().as('ops');
    return (await ops.read('/api/v1/vouchers/{code}', { path: { code } })).uses;
  };
  /** Places an order with a key of its own; resolves with its status and its problem code. */
  async function order(client: Client, parts: object): Promise<[number, string?]> {
    const { status, body } = await client.placeOrder({ ...parts });
    return status === 202 ? [status] : [status, (body as unknown as ProblemView).code];
  }

  it('lower the net amount of each tax class, and are shown on the order', async () => {
    const ada = await target().as('ada');
    const parts = { weightGrams: 100 };
    const lamp = await target().product(5, { ...parts, price: euros(1_000) });
    const book = await target().product(5, { ...parts, price: euros(335), taxClass: 'reduced' });
    const lines = [
      { sku: lamp, quantity: 1 },
      { sku: book, quantity: 3 },
    ];
    const code = await voucher();
    const bought = await ada.buy({ lines, voucherCode: code.toLowerCase() });
    expect(bought).toMatchObject({
      status: 'confirmed',
      voucherCode: code,
      subtotal: euros(2_005),
      // 200.5, half to even; 100 of it are the lamp's and 100 the books'.
      discount: euros(200),
      shippingCost: euros(490),
      taxes: [
        { class: 'standard', net: euros(1_390), tax: euros(264) },
        { class: 'reduced', net: euros(905), tax: euros(63) },
      ],
      total: euros(2_622),
      payment: { captured: euros(2_622) },
    });
    const dear = await ada.buy({
      lines,
      voucherCode: await voucher({ percent: null, amount: euros(10_000) }),
    });
    expect(dear).toMatchObject({ discount: dear.subtotal, total: euros(583) });
    expect(await usesOf(code)).toBe(1);
  });

  it('are counted once for an order that is placed again with its key, and not for a refused one', async () => {
    const ada = await target().as('ada');
    const code = await voucher({ maxUses: 2 });
    const key = target().unique('voucher');
    const [first, again] = [
      await ada.placeOrder({ voucherCode: code }, key),
      await ada.placeOrder({ voucherCode: code }, key),
    ];
    expect([first.status, again.bytes.toString()]).toEqual([202, first.bytes.toString()]);
    const unknown = [{ sku: 'NO-SUCH-SKU', quantity: 1 }];
    expect(await order(ada, { voucherCode: code, lines: unknown })).toEqual([422, 'unknown_sku']);
    expect(await usesOf(code)).toBe(1);
    await ada.settled(first.body.id);
  });

  it.each([
    ['voucher_not_yet_valid', { validFrom: farAhead }],
    ['voucher_expired', { validUntil: longAgo }],
    ['voucher_below_minimum', { minimumSubtotal: euros(1_000_000_000) }],
  ])('are refused as %s', async (code, terms) => {
    const ada = await target().as('ada');
    const wanted = ada.request({ voucherCode: await voucher(terms) });
    const { status, body } = await ada.served(() =>
      ada.post<ProblemView>('/api/v1/orders', wanted),
    );
    expect([status, body.code, body.errors?.[0]?.path]).toEqual([422, code, '/voucherCode']);
  });

  it('are refused when nobody made them, or when they are disabled, which is done once', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const code = await voucher();
    expect(await order(ada, { voucherCode: `${code}-X` })).toEqual([422, 'unknown_voucher']);
    const disable = () => ops.post<VoucherView>(`/api/v1/vouchers/${code}/disable`, {});
    const [first, again] = [await disable(), await disable()];
    expect([first.status, again.body]).toEqual([200, first.body]);
    expect(first.body.disabledAt).not.toBeNull();
    expect(await order(ada, { voucherCode: code })).toEqual([422, 'voucher_disabled']);
  });

  it('are used by a customer as often as each may, and by another one still', async () => {
    const [ada, grace] = await Promise.all([target().as('ada'), target().as('grace')]);
    const voucherCode = await voucher({ maxUsesPerCustomer: 1 });
    expect(await order(ada, { voucherCode })).toEqual([202]);
    expect(await order(ada, { voucherCode })).toEqual([422, 'voucher_customer_limit']);
    expect(await order(grace, { voucherCode })).toEqual([202]);
  });

  it('are given back by an order that is rejected, and used again', async () => {
    const ada = await target().as('ada');
    const voucherCode = await voucher({ maxUses: 1, maxUsesPerCustomer: 1 });
    const payment = { method: 'card', token: 'tok_declined' };
    const { body } = await ada.placeOrder({ voucherCode, payment });
    expect(await ada.settled(body.id)).toMatchObject({ status: 'rejected', voucherCode });
    await eventually('the use is given back', async () => (await usesOf(voucherCode)) === 0);
    expect((await ada.buy({ voucherCode })).status).toBe('confirmed');
    expect(await order(ada, { voucherCode })).toEqual([422, 'voucher_used_up']);
  });

  it('with 50 uses left go to 50 of 200 orders that come at once', async () => {
    const clients = await Promise.all([target().as('ada'), target().as('grace')]);
    const voucherCode = await voucher({ maxUses: 50 });
    const placed: OrderView[] = [];
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const answer = await (clients[i % 2] as Client).placeOrder({ voucherCode });
        if (answer.status === 202) placed.push(answer.body);
        return answer.status;
      }),
    );
    expect(answers.filter((status) => status === 202)).toHaveLength(50);
    expect(answers.filter((status) => status === 422)).toHaveLength(150);
    expect(await usesOf(voucherCode)).toBe(50);
    const ops = await target().as('ops');
    for (const { id } of placed) expect((await ops.settled(id)).status).toBe('confirmed');
  });

  it('are listed, and their codes are given once', async () => {
    const ops = await target().as('ops');
    const code = await voucher({ maxUses: 7, validFrom: longAgo, validUntil: farAhead });
    const all = await ops.all('/api/v1/vouchers', { query: { limit: 200 } });
    expect(all.find((each) => each.code === code)).toMatchObject({
      percent: 10,
      amount: null,
      minimumSubtotal: euros(0),
      validFrom: longAgo,
      validUntil: farAhead,
      maxUses: 7,
      maxUsesPerCustomer: null,
      uses: 0,
      disabledAt: null,
    });
    const again = await ops.post<ProblemView>('/api/v1/vouchers', { code, percent: 20 });
    expect([again.status, again.body.code]).toEqual([409, 'voucher_exists']);
    const none = await ops.get<ProblemView>(`/api/v1/vouchers/${code}-X`);
    expect([none.status, none.body.code]).toEqual([404, 'not_found']);
  });

  it.each([
    [{}, 400, '/percent'],
    [{ percent: 10, amount: euros(100) }, 400, '/percent'],
    [{ percent: 0 }, 400, '/percent'],
    [{ percent: 101 }, 400, '/percent'],
    [{ percent: 12.5 }, 400, '/percent'],
    [{ percent: '10' }, 400, '/percent'],
    [{ amount: euros(0) }, 400, '/amount/amount'],
    [{ percent: 1, code: 'no such code' }, 400, '/code'],
    [{ percent: 1, minimumSubtotal: euros(-1) }, 400, '/minimumSubtotal/amount'],
    [{ percent: 1, validFrom: farAhead, validUntil: farAhead }, 400, '/validUntil'],
    [{ percent: 1, validUntil: 'tomorrow' }, 400, '/validUntil'],
    [{ percent: 1, maxUses: 0 }, 400, '/maxUses'],
    [{ percent: 1, maxUsesPerCustomer: -1 }, 400, '/maxUsesPerCustomer'],
    [{ percent: 1, uses: 1 }, 400, '/uses'],
    [{ amount: { amount: 5, currency: 'USD' } }, 422, undefined],
  ] as const)('are not created with %j', async (terms, status, path) => {
    const ops = await target().as('ops');
    const code = target().unique('E2E-WRONG');
    const answer = await ops.post<ProblemView>('/api/v1/vouchers', { code, ...terms });
    expect(answer.status).toBe(status);
    if (path) expect(answer.body.errors?.map((error) => error.path)).toContain(path);
    expect((await ops.get(`/api/v1/vouchers/${code}`)).status).toBe(404);
  });
}
