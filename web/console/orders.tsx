import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { OrderStatus } from '../lib/order-status.tsx';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { Choice } from './choice.tsx';
import { List } from './list.tsx';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';

type Order = Schemas['Order'];

const statuses = [
  'pending',
  'confirmed',
  'partially_shipped',
  'shipped',
  'delivered',
  'returning',
  'returned',
  'rejected',
  'cancelled',
] as const satisfies readonly Order['status'][];
const status = statuses.find((each) => each === filterOfPage('status'));

const orders = new Rows<Order>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/orders', {
      params: { query: { limit: 25, ...(status && { status }), ...(cursor && { cursor }) } },
    }),
  ),
);

effect(() => (user.value ? repeat(() => orders.refresh(), 2_000) : undefined));

/** Goes to the order whose id is entered. */
function open(event: SubmitEvent): void {
  event.preventDefault();
  const id = String(new FormData(event.currentTarget as HTMLFormElement).get('id')).trim();
  location.assign(linkTo('orders', id));
}

/** All orders, each with the way to its journey. */
export function Orders(): JSX.Element {
  return (
    <>
      <h1>Orders</h1>
      <form class="filter" onSubmit={open}>
        <label>
          Id of an order
          <input name="id" required maxLength={100} />
        </label>
        <button type="submit">Open its journey</button>
      </form>
      <Choice label="Status" name="status" values={statuses} chosen={status} />
      <List
        of="orders"
        rows={orders}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Order', of: ({ id, number }) => <a href={linkTo('orders', id)}>{number}</a> },
          { title: 'Status', of: (order) => <OrderStatus status={order.status} /> },
          { title: 'Reason', isWide: true, of: ({ reason }) => reason?.replaceAll('_', ' ') },
          { title: 'Placed', of: ({ placedAt }) => <Time at={placedAt} /> },
          { title: 'Total', isNumber: true, isWide: true, of: ({ total }) => money(total) },
        ]}
      />
    </>
  );
}
