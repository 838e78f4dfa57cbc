import { expect, it } from '@jest/globals';
import type { List } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

interface Change {
  readonly changeId: number;
  readonly id: string;
  readonly status: string;
  readonly change: { readonly version: number };
}

interface Listed {
  readonly id: string;
  readonly customerId: string;
  readonly status: string;
}

/** Orders in lists, and the feed of their changes. */
export function orderListTests(target: () => Target): void {
  it('lists own orders page by page, the newest first, each once', async () => {
    const grace = await target().as('grace');
    const bought: string[] = [];
    for (let i = 0; i < 5; i += 1) bought.push((await grace.placeOrder()).body.id);
    const oldest = ({ id }: Listed) => id === bought[0];
    const listed = await grace.all<Listed>('/api/v1/orders?limit=2', oldest);
    const mine = listed.filter(({ id }) => bought.includes(id));
    expect(mine.map(({ id }) => id)).toEqual(bought.toReversed());
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    expect(new Set(listed.map(({ customerId }) => customerId)).size).toBe(1);
    await Promise.all(bought.map((id) => grace.settled(id)));
    const confirmed = await grace.all<Listed>('/api/v1/orders?status=confirmed&limit=200', oldest);
    expect(confirmed.map(({ id }) => id).filter((id) => bought.includes(id))).toEqual(
      bought.toReversed(),
    );
    const declined = await grace.buy({ payment: { method: 'card', token: 'tok_declined' } });
    for (const status of ['confirmed', 'rejected', 'pending']) {
      const found = await grace.all<Listed>(`/api/v1/orders?status=${status}&limit=200`, oldest);
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
    const all = await ops.all<Listed>('/api/v1/orders?limit=200', isHers);
    expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([hers.id, theirs.id]));
    const path = `/api/v1/orders?limit=200&customerId=${hers.customerId}`;
    const ofAda = await ops.all<Listed>(path, isHers);
    expect(new Set(ofAda.map(({ customerId }) => customerId))).toEqual(new Set([hers.customerId]));
  });

  it('feeds every change once in rising order to a reader that polls while orders come in', async () => {
    const [ada, grace, ops] = await Promise.all([
      target().as('ada'),
      target().as('grace'),
      target().as('ops'),
    ]);
    const { id: first } = await ada.buy();
    const [begun] = await ada.all<Change>(`/api/v1/orders/${first}/events`);
    const since = begun?.changeId ?? 0;
    const buyers = [ada, grace].flatMap((client) => Array.from({ length: 15 }, () => client.buy()));
    const buying = Promise.all(buyers);
    const read: Change[] = [];
    const readOn = async (): Promise<void> => {
      const after = read.at(-1)?.changeId ?? since;
      const page = await ops.get<List<Change>>(`/api/v1/orders?since_id=${after}&limit=200`);
      read.push(...page.body.items);
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
    const isLast = ({ changeId }: Change) => changeId === ids.at(-1);
    const again = await ops.all<Change>(`/api/v1/orders?since_id=${since}&limit=200`, isLast);
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
    const [begun] = await ada.all<Change>(`/api/v1/orders/${confirmed.id}/events`);
    const path = `/api/v1/orders?limit=200&since_id=${(begun?.changeId ?? 1) - 1}`;
    const all = await ada.all<Change>(path);
    for (const { id, status } of [confirmed, rejected]) {
      const found = await ada.all<Change>(`${path}&status=${status}`);
      expect(new Set(found.map((each) => each.status))).toEqual(new Set([status]));
      const idsOf = (changes: Change[]) =>
        changes.filter((each) => each.id === id).map((each) => each.changeId);
      expect(idsOf(found)).toEqual(idsOf(all));
    }
  });

  it('feeds a customer own changes only', async () => {
    const [ada, grace] = await Promise.all([target().as('ada'), target().as('grace')]);
    const { id, customerId } = await ada.buy();
    const [begun] = await ada.all<Change>(`/api/v1/orders/${id}/events`);
    const path = `/api/v1/orders?limit=200&since_id=${(begun?.changeId ?? 1) - 1}`;
    const isConfirmed = (c: Change) => c.id === id && c.status === 'confirmed';
    const hers = await ada.all<Change & Listed>(path, isConfirmed);
    expect(hers.some(isConfirmed)).toBe(true);
    expect(new Set(hers.map((each) => each.customerId))).toEqual(new Set([customerId]));
    const theirs = await grace.all<Change & Listed>(path);
    expect(theirs.map((each) => each.customerId)).not.toContain(customerId);
  });
}
