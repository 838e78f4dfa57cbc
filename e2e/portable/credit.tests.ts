import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Answer, Client, OrderView, ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { delivered } from './carrier.ts';
import { moneyOf } from './promises.ts';
import type { Target } from './target.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const plenty = 10_000_000;

/** Store credit: what operators put into it, and what orders take and give back. */
export function creditTests(target: () => Target): void {
  const credit = (client: Client) =>
    client.read('/api/v1/customers/me/credit', { query: { limit: 200 } });
  const available = async (client: Client) => (await credit(client)).available.amount;
  const change = async <T = { balance: object }>(
    kind: 'deposit' | 'withdraw',
    customerId: string,
    amount: object,
    key: string = randomUUID(),
  ): Promise<Answer<T>> => {
    const path = `/api/v1/customers/${customerId}/credit/${kind}`;
    return (await target().as('ops')).post<T>(path, { amount }, { 'idempotency-key': key });
  };
  const codeOf = ({ status, body }: Answer<ProblemView>) => [status, body.code];

  /** A customer with credit, and what is available of it. */
  async function rich(): Promise<{ ada: Client; id: string; before: number }> {
    const ada = await target().as('ada');
    const id = ada.userId;
    expect((await change('deposit', id, euros(plenty))).status).toBe(200);
    return { ada, id, before: await available(ada) };
  }

  /** A delivered order of two units, of which the card has paid 1.00 and store credit the rest. */
  async function mostlyByCredit(ada: Client): Promise<OrderView> {
    const lines = [{ sku: await target().product(5), quantity: 2 }];
    const { total } = await ada.buy({ lines });
    const creditAmount = euros(total.amount - 100);
    const payment = { method: 'card_and_credit', token: 'tok_visa', creditAmount };
    return delivered(target(), ada, await ada.buy({ lines, payment }));
  }

  it('is deposited and withdrawn once for each key, and its customer sees it', async () => {
    const { ada, id, before } = await rich();
    const key = randomUUID();
    const answers = [
      await change('deposit', id, euros(700), key),
      await change('deposit', id, euros(700), key),
    ];
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([
      null,
      'true',
    ]);
    expect(answers[1]?.bytes).toEqual(answers[0]?.bytes);
    for (const kind of ['deposit', 'withdraw'] as const) {
      const reused = [422, 'idempotency_key_reused'];
      await change(kind, id, euros(1), `${key}/${kind}`);
      const other = await change<ProblemView>(kind, id, euros(2), `${key}/${kind}`);
      expect(codeOf(other)).toEqual(reused);
      const foreign = await change<ProblemView>(kind, id, { amount: 1, currency: 'USD' });
      expect(codeOf(foreign)).toEqual([422, 'wrong_currency']);
      expect(foreign.body.errors?.[0]?.path).toBe('/amount/currency');
    }
    expect((await change('withdraw', id, euros(700))).status).toBe(200);
    const { items, ...sums } = await credit(ada);
    expect(sums).toMatchObject({ available: euros(before), currency: 'EUR' });
    expect(items.slice(0, 4).map(({ kind, amount }) => [kind, amount.amount])).toEqual([
      ['withdrawal', -700],
      ['withdrawal', -1],
      ['deposit', 1],
      ['deposit', 700],
    ]);
    const nobody = await change<ProblemView>('deposit', id.toUpperCase(), euros(1));
    expect(codeOf(nobody)).toEqual([404, 'not_found']);
    const tooMuch = await change<ProblemView>('withdraw', id, euros(before + 1));
    expect(codeOf(tooMuch)).toEqual([409, 'insufficient_credit']);
    const tooLarge = await change<ProblemView>('deposit', id, euros(1_000_000_000_000));
    expect(codeOf(tooLarge)).toEqual([422, 'balance_too_large']);
  });

  it('with enough for 50 is withdrawn 50 times by 200 requests that come at once', async () => {
    const body = {
      email: `${randomUUID()}@example.com`,
      password: 'correct horse',
      name: 'Linus',
      locale: 'en' as const,
    };
    const { data } = await target().anonymous().api.POST('/api/v1/customers', { body });
    const id = data?.id ?? '';
    expect((await change('deposit', id, euros(5_000))).status).toBe(200);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => change<ProblemView>('withdraw', id, euros(100))),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(50);
    expect(statuses.filter((status) => status === 409)).toHaveLength(150);
  });

  it('pays an order alone, and gets everything back when that is cancelled', async () => {
    const { ada, before } = await rich();
    const order = await ada.buy({ payment: { method: 'credit' } });
    const { total } = order;
    expect(order).toMatchObject({
      status: 'confirmed',
      payment: {
        method: 'credit',
        status: 'captured',
        captured: total,
        credit: { authorized: total, captured: total, refunded: euros(0) },
      },
    });
    expect(await credit(ada)).toMatchObject({
      available: euros(before - total.amount),
      balance: euros(before - total.amount),
    });
    await ada.cancel(order.id);
    const { payment } = await target().reaches(ada, order.id, 'cancelled');
    expect(payment).toMatchObject({ status: 'refunded', credit: { refunded: total } });
    expect(await available(ada)).toBe(before);
    const ops = await target().as('ops');
    expect(await moneyOf(ops, order.id)).toMatchObject({
      refunded: total.amount,
      sum: 0,
      left: [],
    });
  });

  it('pays beside a card, which gets its part of a refund first', async () => {
    const { ada, before } = await rich();
    const order = await mostlyByCredit(ada);
    const { total } = order;
    const byCredit = total.amount - 100;
    expect(order.payment).toMatchObject({
      method: 'card_and_credit',
      authorized: total,
      captured: total,
      credit: { captured: euros(byCredit) },
    });
    expect(await available(ada)).toBe(before - byCredit);
    const ops = await target().as('ops');
    const [{ sku = '' } = {}] = order.lines;
    const takeBack = async (): Promise<OrderView> => {
      const request = { lines: [{ sku, quantity: 1 }], reason: 'too small' };
      const path = `/api/v1/orders/${order.id}/returns`;
      const { body } = await ada.post<{ id: string }>(path, request);
      await ops.post(`/api/v1/returns/${body.id}/receive`, {});
      return eventually('the return is refunded', async () => {
        const { returns, ...found } = await ada.order(order.id);
        const isBack = returns.every(({ status }) => status === 'refunded');
        return isBack && found.status !== 'returning' && { returns, ...found };
      });
    };
    const partly = await takeBack();
    const first = partly.payment.refunded.amount;
    expect(partly.payment.credit?.refunded).toEqual(euros(first - 100));
    const { payment } = await takeBack();
    expect(payment).toMatchObject({ status: 'refunded', credit: { refunded: euros(byCredit) } });
    expect(await available(ada)).toBe(before);
    const view = await ops.read('/api/v1/payments/{orderId}', { path: { orderId: order.id } });
    expect(view.refunds.map((each) => each.amount.amount - each.credit.amount)).toEqual([100, 0]);
    expect(view.providerCalls.filter(({ kind }) => kind === 'refund')).toHaveLength(1);
  });

  it.each([
    ['the card is declined', 'tok_declined'],
    ['the capture of the card is refused', 'tok_capture_fails'],
  ])('is free again when %s', async (_, token) => {
    const { ada, before } = await rich();
    const payment = { method: 'card_and_credit', token, creditAmount: euros(100) };
    const order = await ada.buy({ payment });
    expect(order).toMatchObject({
      status: 'rejected',
      reason: 'payment_declined',
      payment: { authorized: euros(0), credit: { authorized: euros(0) } },
    });
    expect(await credit(ada)).toMatchObject({ available: euros(before) });
  });

  it('is reserved while its customer must confirm the card, and free after a cancel', async () => {
    const { ada, before } = await rich();
    const payment = { method: 'card_and_credit', token: 'tok_3ds', creditAmount: euros(100) };
    const { body } = await ada.placeOrder({ payment });
    await eventually('its customer is asked', async () => {
      return (await ada.order(body.id, '10s')).payment.status === 'requires_action';
    });
    expect(await credit(ada)).toMatchObject({ available: euros(before - 100) });
    await ada.cancel(body.id);
    await target().reaches(ada, body.id, 'cancelled');
    expect(await available(ada)).toBe(before);
  });

  it('that is too little declines the order', async () => {
    const grace = await target().as('grace');
    const before = await credit(grace);
    const product = { price: euros(before.available.amount + 1) };
    const lines = [{ sku: await target().product(5, product), quantity: 1 }];
    const order = await grace.buy({ lines, payment: { method: 'credit' } });
    expect(order).toMatchObject({
      status: 'rejected',
      reason: 'payment_declined',
      payment: { status: 'declined', method: 'credit', credit: null },
    });
    expect(await credit(grace)).toEqual(before);
  });

  it.each([
    [{ method: 'cash' }, 400, '/payment/method'],
    [{}, 400, '/payment/method'],
    [{ method: 'credit', token: 'tok_visa' }, 400, '/payment/token'],
    [{ method: 'card', token: 'tok_visa', creditAmount: euros(1) }, 400, '/payment/creditAmount'],
    [{ method: 'card_and_credit', creditAmount: euros(1) }, 400, '/payment/token'],
    [{ method: 'card_and_credit', token: 'tok_visa' }, 400, '/payment/creditAmount'],
    [
      { method: 'card_and_credit', token: 'tok_visa', creditAmount: 100 },
      400,
      '/payment/creditAmount',
    ],
    [
      { method: 'card_and_credit', token: 'tok_visa', creditAmount: euros(0) },
      400,
      '/payment/creditAmount/amount',
    ],
    [{ method: 'card_and_credit', token: 'visa', creditAmount: euros(1) }, 422, '/payment/token'],
    [
      {
        method: 'card_and_credit',
        token: 'tok_visa',
        creditAmount: { amount: 1, currency: 'USD' },
      },
      422,
      '/payment/creditAmount/currency',
    ],
    [
      { method: 'card_and_credit', token: 'tok_visa', creditAmount: euros(900_000_000_000) },
      422,
      '/payment/creditAmount/amount',
    ],
  ])('is not used by an order that is paid with %j', async (payment, status, path) => {
    const ada = await target().as('ada');
    const answer = await ada.served(() =>
      ada.post<ProblemView>('/api/v1/orders', ada.request({ payment })),
    );
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.map((error) => error.path)).toContain(path);
  });
}
