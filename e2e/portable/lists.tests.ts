import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { Client } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

type Listed = Schemas['OrderPage']['items'][number];
type OrderStatus = Listed['status'];
/** An order of the feed. */
type Change = Listed & Required<Pick<Listed, 'change' | 'changeId'>>;

/** Lists of orders, and the feed of their changes. */
export function orderListTests(target: () => Target): void {
  it('lists own orders page by page, the newest first, each once', async () => {
    const grace = await target().as('grace');
    const bought: string[] = [];
    for (let i = 0; i < 5; i += 1) bought.push((await grace.placeOrder()).body.id);
    const oldest = ({ id }: Listed) => id === bought[0];
    const listed = await grace.all('/api/v1/orders', { query: { limit: 2 } }, oldest);
    const mine = listed.filter(({ id }) => bought.includes(id));
    expect(mine.map(({ id }) => id)).toEqual(bought.toReversed());
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    expect(new Set(listed.map(({ customerId }) => customerId)).size).toBe(1);
    await Promise.all(bought.map((id) => grace.settled(id)));
    const confirmed = await grace.all(
      '/api/v1/orders',
      { query: { status: 'confirmed', limit: 200 } },
      oldest,
    );
    expect(confirmed.map(({ id }) => id).filter((id) => bought.includes(id))).toEqual(
      bought.toReversed(),
    );
    const declined = await grace.buy({ payment: { method: 'card', token: 'tok_declined' } });
    for (const status of ['confirmed', 'rejected', 'pending'] as const) {
      const found = await grace.all('/api/v1/orders', { query: { status, limit: 200 } }, oldest);
      expect(new Set([status, ...found.map((order) => order.status)])).toEqual(new Set([status]));
      expect(found.some(({ id }) => id === declined.id)).toBe(status === 'rejected');
    }
    expect(new Set(confirmed.map(({ status }) => status))).toEqual(new Set(['confirmed']));
  });

  it('shows operators the orders of everybody, or of one customer', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const [hers, theirs] = [await ada.buy(), await grace.buy()];
    const isHers = ({ id }: Listed) => id === hers.id;
    const all = await ops.all('/api/v1/orders', { query: { limit: 200 } }, isHers);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([hers.id, theirs.id]));
    const query = { limit: 200, customerId: hers.customerId };
    const ofAda = await ops.all('/api/v1/orders', { query }, isHers);
    expect(new Set(ofAda.map(({ customerId }) => customerId))).toEqual(new Set([hers.customerId]));
  });

  it('feeds every change once in rising order to a reader that polls while orders come in', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const { id: first } = await ada.buy();
    const since = await firstChangeOf(ada, first);
    const buyers = [ada, grace].flatMap((client) => Array.from({ length: 15 }, () => client.buy()));
    const buying = Promise.all(buyers);
    const read: Change[] = [];
    const readOn = async (): Promise<void> => {
      const after = read.at(-1)?.changeId ?? since;
      const query = { since_id: after, limit: 200 };
      const page = await ops.read('/api/v1/orders', { query });
      read.push(...(page.items as Change[]));
    };
    let isBuying = true;
    const stop = () => {
      isBuying = false;
    };
    buying.then(stop, stop);
    while (isBuying) await readOn();
    const orders = await buying;
    const bought = orders.map(({ id }) => id);
    await eventually('every order is read to its end', async () => {
      await readOn();
      return orders.every(({ id, version }) =>
        read.some((each) => each.id === id && each.change.version >= version),
      );
    });
    const ids = read.map(({ changeId }) => changeId);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    const isLast = ({ changeId }: Listed) => changeId === ids.at(-1);
    const again = await changesSince(ops, since, {}, isLast);
    expect(again.map(({ changeId }) => changeId).slice(0, ids.length)).toEqual(ids);
    for (const id of bought) {
      const versions = read.filter((each) => each.id === id).map(({ change }) => change.version);
      expect(versions).toEqual(versions.map((_, i) => i + 1));
    }
  });

  it('feeds the changes of those orders that have a status now, where one is asked for', async () => {
    const ada = await target().as('ada');
    const confirmed = await ada.buy();
    const payment = { method: 'card', token: 'tok_declined' };
    const rejected = await ada.buy({ payment });
    const since = (await firstChangeOf(ada, confirmed.id)) - 1;
    const all = await changesSince(ada, since);
    for (const { id, status } of [confirmed, rejected]) {
      const found = await changesSince(ada, since, { status });
      expect(new Set(found.map((each) => each.status))).toEqual(new Set([status]));
      const idsOf = (changes: Change[]) =>
        changes.filter((each) => each.id === id).map((each) => each.changeId);
      expect(idsOf(found)).toEqual(idsOf(all));
    }
  });

  it('feeds a customer own changes only', async () => {
    const [ada, grace] = await Promise.all([target().as('ada'), target().as('grace')]);
    const { id, customerId } = await ada.buy();
    const since = (await firstChangeOf(ada, id)) - 1;
    const isConfirmed = (c: Listed) => c.id === id && c.status === 'confirmed';
    const hers = await changesSince(ada, since, {}, isConfirmed);
    expect(hers.some(isConfirmed)).toBe(true);
    expect(new Set(hers.map((each) => each.customerId))).toEqual(new Set([customerId]));
    const theirs = await changesSince(grace, since);
    expect(theirs.map((each) => each.customerId)).not.toContain(customerId);
  });
}

async function firstChangeOf(client: Client, id: string): Promise<number> {
  const [first] = await client.all('/api/v1/orders/{id}/events', { path: { id } });
  return first?.changeId ?? 1;
}

/** The feed after a change, to its end or to the page with `enough`. */
async function changesSince(
  client: Client,
  since: number,
  filter: { readonly status?: OrderStatus } = {},
  enough?: (item: Listed) => boolean,
): Promise<Change[]> {
  const query = { since_id: since, limit: 200, ...filter };
  return (await client.all('/api/v1/orders', { query }, enough)) as Change[];
}
