import { effect } from '@preact/signals';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { outcomeOf } from './call.ts';
import { Growth, History } from './history.ts';

/** Orders a second since the page was opened. */
export const orders = new History(['placed', 'confirmed', 'rejected']);

/** The summary has whole minutes. */
const began = new Date(Math.floor(Date.now() / 60_000) * 60_000);
const growth = { placed: new Growth(), confirmed: new Growth(), rejected: new Growth() };

async function readOrders(): Promise<void> {
  const query = { from: began.toISOString() };
  const { data } = await outcomeOf(api.GET('/api/v1/analytics/summary', { params: { query } }));
  if (!data) return;
  const now = Date.now();
  const [placed, confirmed, rejected] = [
    growth.placed.of(data.placed, now),
    growth.confirmed.of(data.confirmed, now),
    growth.rejected.of(data.rejected, now),
  ];
  if (placed === null || confirmed === null || rejected === null) return;
  orders.add({ placed, confirmed, rejected }, now);
}

effect(() => (user.value ? repeat(readOrders, 2_000) : undefined));
