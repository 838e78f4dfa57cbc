import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { Answer, Client, OrderView, ProblemView } from '../system/client.ts';
import { stockOf } from '../system/products.ts';
import { carrierTells, delivered } from './carrier.ts';
import { moneyOf, sagaOf, settledSagaOf } from './promises.ts';
import type { Target } from './target.ts';

type ReturnView = Schemas['Return'];
type Line = { readonly sku: string; readonly quantity: number };

const nobody = '019a9c40-0000-7000-8000-00000000dead';

/** Goods that customers send back, and parcels that cannot be delivered. */
export function returnTests(target: () => Target): void {
  const request = <T = ReturnView>(client: Client, id: string, lines: readonly Line[]) =>
    client.post<T>(`/api/v1/orders/${id}/returns`, { lines, reason: 'too small' });

  const operate = async <T = ReturnView>(
    wish: 'receive' | 'refuse',
    id: string,
    body: object = {},
  ): Promise<Answer<T>> =>
    (await target().as('ops')).post<T>(`/api/v1/returns/${id}/${wish}`, body);

  /** A delivered order of two of five units of a product. */
  async function deliveredOrder(): Promise<{ ada: Client; sku: string; order: OrderView }> {
    const ada = await target().as('ada');
    const sku = await target().product(5);
    const order = await delivered(target(), ada, await ada.buy({ lines: [{ sku, quantity: 2 }] }));
    return { ada, sku, order };
  }

  const requested = async (client: Client, id: string, lines: readonly Line[]) => {
    const answer = await request(client, id, lines);
    expect([answer.status, answer.body.status]).toEqual([202, 'authorized']);
    return answer.body;
  };

  const refused = ({ status, body }: Answer<ProblemView>) => [status, body.code];

  it('of everything gives the money back, with the shipping cost, and puts the goods on sale', async () => {
    const { ada, sku, order } = await deliveredOrder();
    const asked = await requested(ada, order.id, [{ sku, quantity: 2 }]);
    expect(asked).toMatchObject({
      orderId: order.id,
      reason: 'too small',
      refunded: { amount: 0 },
    });
    expect((await ada.order(order.id)).status).toBe('returning');
    expect((await operate('receive', asked.id)).status).toBe(202);
    const back = await target().reaches(ada, order.id, 'returned');
    const { total } = order;
    expect(back.payment).toMatchObject({ status: 'refunded', captured: total, refunded: total });
    expect(back.returns).toMatchObject([{ id: asked.id, status: 'refunded', refunded: total }]);
    const list = await ada.read('/api/v1/orders/{id}/returns', { path: { id: order.id } });
    expect(list).toEqual({ items: back.returns, nextCursor: null });
    const ops = await target().as('ops');
    expect(await stockOf(ops, sku)).toMatchObject({ available: 5, sold: 2, returned: 2 });
    expect(await settledSagaOf(ops, order.id)).toMatchObject({
      saga: 'return-order',
      state: 'completed',
    });
    const money = await moneyOf(ops, order.id);
    expect(money).toMatchObject({ refunded: total.amount, sum: 0, left: [], twice: [] });
  });

  it('of a part refunds that part, restocks what is sellable, and the rest may follow', async () => {
    const { ada, sku, order } = await deliveredOrder();
    const first = await requested(ada, order.id, [{ sku, quantity: 2 }]);
    const lines = [{ sku, quantity: 1, sellable: false }];
    expect((await operate('receive', first.id, { lines })).status).toBe(202);
    const partly = await target().reaches(ada, order.id, 'delivered');
    const { captured, refunded, status } = partly.payment;
    expect(status).toBe('partially_refunded');
    expect(refunded.amount).toBeLessThan((captured.amount - order.shippingCost.amount) / 2 + 1);
    const ops = await target().as('ops');
    expect(await stockOf(ops, sku)).toMatchObject({ available: 3, sold: 2, returned: 0 });

    const second = await requested(ada, order.id, [{ sku, quantity: 1 }]);
    expect((await carrierTells(target(), order, 'returned')).body.fate).toBe('applied');
    const back = await target().reaches(ada, order.id, 'returned');
    expect(back.payment).toMatchObject({ status: 'refunded', refunded: order.total });
    expect(back.returns.map(({ id, lines: [line] }) => [id, line?.received])).toEqual([
      [first.id, 1],
      [second.id, 1],
    ]);
    expect(await stockOf(ops, sku)).toMatchObject({ available: 4, sold: 2, returned: 1 });
  });

  it('that is refused leaves the order as it was', async () => {
    const { ada, sku, order } = await deliveredOrder();
    const asked = await requested(ada, order.id, [{ sku, quantity: 2 }]);
    const part = await operate('refuse', asked.id, { lines: [{ sku, quantity: 1 }] });
    expect(part.body).toMatchObject({ status: 'authorized', lines: [{ refused: 1 }] });
    const all = await operate('refuse', asked.id);
    expect(all.body).toMatchObject({ status: 'refused', lines: [{ received: 0, refused: 2 }] });
    expect(await ada.order(order.id)).toMatchObject({
      status: 'delivered',
      payment: { status: 'captured', refunded: { amount: 0 } },
    });
    for (const wish of ['receive', 'refuse'] as const) {
      expect(refused(await operate<ProblemView>(wish, asked.id))).toEqual([409, 'wrong_state']);
    }
    expect((await sagaOf(await target().as('ops'), order.id)).saga).toBe('place-order');
  });

  it('of an undeliverable parcel comes by itself', async () => {
    const ada = await target().as('ada');
    const sku = await target().product(5);
    const order = await ada.buy({ lines: [{ sku, quantity: 2 }] });
    for (const status of ['picked_up', 'in_transit', 'undeliverable'] as const) {
      await carrierTells(target(), order, status);
    }
    const back = await target().reaches(ada, order.id, 'returned');
    expect(back.payment).toMatchObject({ status: 'refunded', refunded: order.total });
    expect(back.returns).toMatchObject([{ status: 'refunded', reason: 'undeliverable' }]);
    expect(await stockOf(await target().as('ops'), sku)).toMatchObject({
      available: 5,
      returned: 2,
    });
  });

  it('that is requested twice is one; another beside it is refused', async () => {
    const { ada, sku, order } = await deliveredOrder();
    const lines = [{ sku, quantity: 1 }];
    const answers = await Promise.all([1, 2, 3].map(() => request(ada, order.id, lines)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    const [id = '', ...others] = new Set(answers.map(({ body }) => body.id));
    expect(others).toEqual([]);
    const beside = await request<ProblemView>(ada, order.id, [{ sku, quantity: 2 }]);
    expect(refused(beside)).toEqual([409, 'wrong_state']);
    const times = await Promise.all([1, 2, 3].map(() => operate('receive', id)));
    expect(times.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    const back = await target().reaches(ada, order.id, 'delivered');
    expect(back.returns).toHaveLength(1);
  });

  it('of an order that is not delivered is refused', async () => {
    const ada = await target().as('ada');
    const order = await ada.buy();
    const lines = order.lines.map(({ sku, quantity }) => ({ sku, quantity }));
    const answer = async () => refused(await request<ProblemView>(ada, order.id, lines));
    expect(await answer()).toEqual([409, 'wrong_state']);
    await carrierTells(target(), order, 'picked_up');
    await target().reaches(ada, order.id, 'shipped');
    expect(await answer()).toEqual([409, 'wrong_state']);
  });

  it.each([
    ['no lines', { reason: 'x' }, '/lines'],
    ['an empty list', { reason: 'x', lines: [] }, '/lines'],
    ['a quantity of 0', { reason: 'x', lines: [{ sku: 'A', quantity: 0 }] }, '/lines/0/quantity'],
    ['no reason', { lines: [{ sku: 'A', quantity: 1 }] }, '/reason'],
    [
      'a reason that is too long',
      { reason: 'x'.repeat(301), lines: [{ sku: 'A', quantity: 1 }] },
      '/reason',
    ],
    ['another property', { reason: 'x', lines: [{ sku: 'A', quantity: 1 }], refund: 1 }, '/refund'],
  ])('with %s is refused, and names it', async (_, body, path) => {
    const ada = await target().as('ada');
    const answer = await ada.post<ProblemView>(`/api/v1/orders/${nobody}/returns`, body);
    expect(answer.status).toBe(400);
    expect(new Set(answer.body.errors?.map((error) => error.path))).toEqual(new Set([path]));
  });

  it('of other goods than were bought, or come, is refused, and names them', async () => {
    const { ada, sku, order } = await deliveredOrder();
    const refusedLines = async (sent: Promise<Answer<ProblemView>>) => {
      const { status, body } = await sent;
      return [status, body.code, body.errors?.map(({ path }) => path)];
    };
    const tooMany = [422, 'not_returnable', ['/lines/0/quantity']];
    const twice = [422, 'duplicate_sku', ['/lines/1/sku']];
    const line = { sku, quantity: 1 };
    const requestOf = (lines: readonly Line[]) =>
      refusedLines(request<ProblemView>(ada, order.id, lines));
    expect(await requestOf([{ sku, quantity: 3 }])).toEqual(tooMany);
    expect(await requestOf([{ sku: target().usualSku, quantity: 1 }])).toEqual(tooMany);
    expect(await requestOf([line, line])).toEqual(twice);
    const { id } = await requested(ada, order.id, [line]);
    const put = (wish: 'receive' | 'refuse', lines: readonly object[]) =>
      refusedLines(operate<ProblemView>(wish, id, { lines }));
    expect(await put('receive', [{ sku, quantity: 2 }])).toEqual(tooMany);
    expect(await put('receive', [line, { ...line, sellable: false }])).toEqual(tooMany);
    const most = { sku, quantity: 999 };
    expect(await put('receive', [most, { ...most, sellable: false }])).toEqual(tooMany);
    expect(await put('refuse', [{ sku, quantity: 2 }])).toEqual(tooMany);
    expect(await put('refuse', [line, line])).toEqual(twice);
    const odd = await operate<ProblemView>('receive', id, { lines: [{ ...line, sellable: 1 }] });
    expect(odd.status).toBe(400);
    expect((await operate('refuse', nobody)).status).toBe(404);
    expect((await operate('refuse', id)).body.status).toBe('refused');
    const both = await requested(ada, order.id, [{ sku, quantity: 2 }]);
    const other = { sku: target().usualSku, quantity: 1 };
    const lines = [line, { ...line, sellable: false }, other];
    const third = [422, 'not_returnable', ['/lines/2/quantity']];
    expect(await refusedLines(operate('receive', both.id, { lines }))).toEqual(third);
    expect((await operate('refuse', both.id)).body.status).toBe('refused');
  });
}
