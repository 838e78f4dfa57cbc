import { effect, signal, untracked } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { OrderStatus } from '../lib/order-status.tsx';
import { answered, api, reasonOf, user } from '../lib/session.ts';
import { SignIn } from '../lib/sign-in.tsx';
import { showShopPage } from './shop-page.tsx';

const orders = signal<readonly Schemas['Order'][] | null>(null);
const next = signal<string | null>(null);
const trouble = signal<string | null>(null);

async function readMore(): Promise<void> {
  const cursor = next.value;
  // There is no button for more until these are here.
  next.value = null;
  const { data, error } = await answered(
    api.GET('/api/v1/orders', {
      params: { query: { limit: 20, ...(cursor && { cursor }) } },
    }),
  );
  trouble.value = data ? null : reasonOf(error);
  orders.value = [...(orders.value ?? []), ...((data?.items ?? []) as Schemas['Order'][])];
  next.value = data ? data.nextCursor : cursor;
}

effect(() => {
  const isSignedIn = user.value !== null;
  // What is read here would begin again with each page.
  untracked(() => {
    [orders.value, next.value] = [null, null];
    if (isSignedIn) void readMore();
  });
});

function Orders(): JSX.Element {
  if (!user.value)
    return (
      <>
        <h1>Your orders</h1>
        <SignIn canRegister />
      </>
    );
  return (
    <>
      <h1>Your orders</h1>
      <p class="trouble" role="alert">
        {trouble.value}
      </p>
      {orders.value?.length === 0 && !trouble.value && (
        <p>
          There are none yet. <a href="/">Look around</a>
        </p>
      )}
      <ul class="order-list" aria-busy={orders.value === null}>
        {orders.value?.map(({ id, number, status, total, placedAt, lines }) => (
          <li key={id} class="card">
            <a href={`/orders/${id}`}>{number}</a>
            <OrderStatus status={status} />
            <span class="grow">{lines.map(({ name }) => name).join(', ')}</span>
            <time dateTime={placedAt}>{new Date(placedAt).toLocaleDateString()}</time>
            <span class="number">{money(total)}</span>
          </li>
        ))}
      </ul>
      {next.value && (
        <button type="button" onClick={() => void readMore()}>
          Show more
        </button>
      )}
    </>
  );
}

showShopPage(Orders);
