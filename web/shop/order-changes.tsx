import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { addToCart } from './cart-lines.ts';
import { cancelOrder, type Order, returnLines } from './order.ts';

const cancellable = new Set<Order['status']>(['pending', 'confirmed']);
const returnable = new Set<Order['status']>(['delivered', 'returning']);

/** Asks before it cancels. */
export function CancelForm({ order: { status } }: { order: Order }): JSX.Element | null {
  const asks = useSignal(false);
  if (!cancellable.has(status)) return null;
  if (!asks.value) {
    return (
      <button
        type="button"
        class="plain"
        onClick={() => {
          asks.value = true;
        }}
      >
        Cancel this order
      </button>
    );
  }
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (await cancelOrder(String(form.get('reason')))) asks.value = false;
  };
  return (
    <form class="card" onSubmit={(event) => void submit(event)}>
      <h2>Cancel this order</h2>
      <label>
        Why
        <input name="reason" required maxLength={200} defaultValue="Changed my mind" />
      </label>
      <div class="row">
        <button type="submit">Cancel the order</button>
        <button
          type="button"
          class="plain"
          onClick={() => {
            asks.value = false;
          }}
        >
          Keep it
        </button>
      </div>
    </form>
  );
}

/** Of what was not sold, nothing is left in the cart: its customer may want to pay with another card. */
export function OrderAgain({ order: { status, lines } }: { order: Order }): JSX.Element | null {
  if (status !== 'rejected' && status !== 'cancelled') return null;
  return (
    <button
      type="button"
      class="plain"
      onClick={() => {
        for (const line of lines) addToCart(line, line.quantity);
        location.assign('/cart');
      }}
    >
      Put it in the cart again
    </button>
  );
}

export function ReturnForm({
  order: { status, lines, returns },
}: {
  order: Order;
}): JSX.Element | null {
  const isOpen = useSignal(false);
  const returned = (sku: string): number =>
    returns
      .filter((each) => each.status !== 'refused')
      .flatMap((each) => each.lines)
      .filter((line) => line.sku === sku)
      .reduce((sum, { quantity }) => sum + quantity, 0);
  const left = lines
    .map(({ sku, name, quantity }) => ({ sku, name, most: quantity - returned(sku) }))
    .filter(({ most }) => most > 0);
  if (!returnable.has(status) || left.length === 0) return null;
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const chosen = left
      .map(({ sku }) => ({ sku, quantity: Number(form.get(sku)) }))
      .filter(({ quantity }) => quantity > 0);
    if (await returnLines(chosen, String(form.get('reason')))) isOpen.value = false;
  };
  return (
    <details
      class="card"
      open={isOpen.value}
      onToggle={({ currentTarget }) => {
        isOpen.value = currentTarget.open;
      }}
    >
      <summary>Return something</summary>
      <form onSubmit={(event) => void submit(event)}>
        {left.map(({ sku, name, most }) => (
          <label key={sku}>
            How many of {name}
            <input name={sku} type="number" min={0} max={most} defaultValue="0" />
          </label>
        ))}
        <label>
          Why
          <input name="reason" required maxLength={200} />
        </label>
        <button type="submit">Return</button>
      </form>
    </details>
  );
}
