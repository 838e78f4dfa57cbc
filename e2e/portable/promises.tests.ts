import { expect, it } from '@jest/globals';
import type { Client, Money, OrderView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockOf } from '../system/products.ts';
import { moneyOf, settledSagaOf, undoing } from './promises.ts';
import type { Target } from './target.ts';

const sumOf = (amounts: readonly Money[]): number =>
  amounts.reduce((sum, { amount }) => sum + amount, 0);

const unsettled: ReadonlySet<string> = new Set(['pending', 'cancelling', 'returning']);

/**
 * Checks the invariants that are visible through the API, for every order that other tests placed. Call it
 * after them.
 */
export function promiseTests(target: () => Target): void {
  /** Checks all orders, some at a time, and returns the violations. */
  async function wrongsOf(
    look: (order: OrderView, ops: Client) => Promise<readonly string[]>,
  ): Promise<string[]> {
    const ops = await target().as('ops');
    const ids = [...target().placed.keys()];
    const wrongs: string[] = [];
    const work = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) {
        const order = await ops.settled(id);
        wrongs.push(...(await look(order, ops)).map((each) => `${id}: ${each}`));
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return wrongs;
  }

  const when = (isWrong: boolean, wrong: string): string[] => (isWrong ? [wrong] : []);

  it('every order that was accepted is there, settled, with what was ordered', async () => {
    expect(target().placed.size).toBeGreaterThan(50);
    const wrongs = await wrongsOf(async (order) => {
      const accepted = target().placed.get(order.id) as OrderView;
      const { subtotal, discount, shippingCost, tax, taxes, total, lines } = order;
      return [
        ...when(unsettled.has(order.status), `is ${order.status}`),
        ...when(order.number !== accepted.number, 'has another number'),
        ...when(JSON.stringify(lines) !== JSON.stringify(accepted.lines), 'has other lines'),
        ...when(total.amount !== accepted.total.amount, 'has another total'),
        ...when(
          total.amount !== subtotal.amount - discount.amount + shippingCost.amount + tax.amount,
          'does not add up',
        ),
        ...when(
          tax.amount !== sumOf(taxes.map((each) => each.tax)) ||
            total.amount - tax.amount !== sumOf(taxes.map((each) => each.net)),
          'has taxes that do not add up',
        ),
        ...when((order.status === 'rejected') !== (order.reason !== null), 'lacks its reason'),
      ];
    });
    expect(wrongs).toEqual([]);
  });

  it('every order has one event for each of its versions, in order', async () => {
    const wrongs = await wrongsOf(async (order, ops) => {
      const requested = { path: { id: order.id }, query: { limit: 200 } };
      const events = await ops.all('/api/v1/orders/{id}/events', requested);
      const changes = events.map(({ changeId }) => changeId);
      return [
        ...when(
          events.some(({ version }, i) => version !== i + 1) || events.length !== order.version,
          `versions ${events.map(({ version }) => version)} of ${order.version}`,
        ),
        ...when(
          changes.some((id, i) => i > 0 && id <= (changes[i - 1] ?? 0)),
          `changes ${changes}`,
        ),
      ];
    });
    expect(wrongs).toEqual([]);
  });

  it('money is neither made nor lost: ledgers are even, and who got nothing paid nothing', async () => {
    const wrongs = await wrongsOf(async ({ id, status, reason, total, payment }, ops) => {
      // Payment knows nothing of an order that ended before it was to be paid.
      if (reason === 'out_of_stock' || (status === 'cancelled' && payment.id === null)) return [];
      const isRejected = status === 'rejected' || status === 'cancelled';
      // A void of which the provider tells nothing goes on after its order is rejected.
      const money = await eventually(`the money of ${id} is at rest`, async () => {
        const found = await moneyOf(ops, id);
        return (!isRejected || found.left.length === 0) && found;
      });
      const { sum, authorized, captured, refunded, twice } = money;
      return [
        ...when(sum !== 0, `its ledger sums to ${sum}`),
        ...when(captured > authorized, `captured ${captured} of ${authorized}`),
        ...when(refunded > captured, `refunded ${refunded} of ${captured}`),
        ...when(!isRejected && captured !== total.amount, `captured ${captured} of the total`),
        ...when(isRejected && captured !== refunded, `keeps ${captured - refunded}`),
        ...when(twice.length > 0, `asked its provider twice: ${twice}`),
      ];
    });
    expect(wrongs).toEqual([]);
  });

  it('every saga has come to its end, and has undone what it had to, in reverse', async () => {
    const wrongs = await wrongsOf(async ({ id, status }, ops) => {
      const saga = await settledSagaOf(ops, id);
      const isUndone = status === 'rejected' || status === 'cancelled';
      const { due, done } = undoing(saga);
      if (saga.saga === 'cancel-order') {
        return when(
          saga.state !== (isUndone ? 'completed' : 'aborted'),
          `its cancel ${saga.state}`,
        );
      }
      return [
        ...when(saga.state !== (isUndone ? 'aborted' : 'completed'), `its saga is ${saga.state}`),
        ...when(isUndone && String(due) !== String(done), `undid ${done} of ${due}`),
        ...when(!isUndone && done.length > 0, `undid ${done}`),
      ];
    });
    expect(wrongs).toEqual([]);
  });

  it('every message of an order was handled once by each group, after its cause', async () => {
    const wrongs = await wrongsOf(async ({ id }, ops) => {
      const { items } = await ops.read('/api/v1/orders/{id}/journey', { path: { id } });
      const names = items.map(({ group, messageId }) => `${group} ${messageId}`);
      const places = new Map(items.map(({ messageId }, i) => [messageId, i] as const).reverse());
      const early = items.filter(
        ({ causationId }, i) => causationId !== null && (places.get(causationId) ?? -1) >= i,
      );
      return [
        ...when(new Set(names).size !== names.length, 'handled a message twice'),
        ...when(early.length > 0, 'has an effect before its cause'),
      ];
    });
    expect(wrongs).toEqual([]);
  });

  it('stock is neither made nor lost, and what was sold is what was ordered', async () => {
    const ops = await target().as('ops');
    const sold = new Map<string, number>();
    for (const id of target().placed.keys()) {
      const { status, lines } = await ops.order(id);
      for (const { sku, quantity } of lines) {
        const more = status === 'rejected' || status === 'cancelled' ? 0 : quantity;
        sold.set(sku, (sold.get(sku) ?? 0) + more);
      }
    }
    for (const [sku, quantity] of sold) {
      const stock = await eventually(`the stock of ${sku} is at rest`, async () => {
        const found = await stockOf(ops, sku);
        return found.reserved === 0 && found;
      });
      const { onHand, available, received, returned } = stock;
      expect([sku, stock.sold]).toEqual([sku, quantity]);
      expect([sku, received + returned]).toEqual([sku, available + stock.sold]);
      expect([sku, onHand]).toEqual([sku, available]);
      expect(available).toBeGreaterThanOrEqual(0);
    }
  });

  it('nothing of these orders and products is a dead letter', async () => {
    const ops = await target().as('ops');
    const letters = await ops.all('/api/v1/dead-letters', { query: { limit: 200 } });
    const keys = letters.map(({ key }) => key ?? '');
    const ours = keys.filter(
      (key) => target().placed.has(key) || key.startsWith(target().usualSku),
    );
    expect(ours).toEqual([]);
  });
}
