import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { OrderStatus } from '../lib/order-status.tsx';
import { orders, orderTrouble, placeSampleOrder } from './own-orders.ts';

export function Orders(): JSX.Element {
  const busy = useSignal(false);
  const place = async () => {
    busy.value = true;
    await placeSampleOrder().catch(() => {
      orderTrouble.value = 'the system does not answer';
    });
    busy.value = false;
  };
  return (
    <section class="card" aria-labelledby="orders">
      <div class="row">
        <h2 id="orders" class="grow">
          Your orders
        </h2>
        <button type="button" disabled={busy.value} onClick={() => void place()}>
          Place a sample order
        </button>
      </div>
      <p class="trouble" role="alert">
        {orderTrouble.value}
      </p>
      {orders.value.length === 0 && <p class="quiet">There are none yet.</p>}
      <table>
        <caption class="unseen">Your latest orders; they change by themselves</caption>
        <thead class={orders.value.length === 0 ? 'unseen' : ''}>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Total
            </th>
          </tr>
        </thead>
        <tbody aria-live="polite">
          {orders.value.map(({ id, number, status, total }) => (
            <tr key={id}>
              <th scope="row">
                <a href={`/orders/${id}`}>{number}</a>
              </th>
              <td>
                <OrderStatus status={status} />
              </td>
              <td class="number">{money(total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
