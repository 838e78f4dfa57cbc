import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { answered, open, user } from '../lib/session.ts';
import { SignIn } from '../lib/sign-in.tsx';
import { type CartLine, cart, setQuantity } from './cart-lines.ts';
import { CheckoutForm } from './checkout-form.tsx';
import { showShopPage } from './shop-page.tsx';

/** The products of the cart as they are now; null for one that is not sold any more. */
const products = signal<ReadonlyMap<string, Schemas['Product'] | null>>(new Map());

effect(() => {
  for (const { sku } of cart.value) if (!products.peek().has(sku)) void read(sku);
});

async function read(sku: string): Promise<void> {
  const { data, response } = await answered(
    open.GET('/api/v1/products/{sku}', {
      params: { path: { sku } },
    }),
  );
  if (data || response.status === 404)
    products.value = new Map(products.value).set(sku, data ?? null);
}

function Cart(): JSX.Element {
  if (cart.value.length === 0) {
    return (
      <>
        <h1>Cart</h1>
        <p>
          The cart is empty. <a href="/">Look around</a>
        </p>
      </>
    );
  }
  return (
    <>
      <h1>Cart</h1>
      <div class="checkout">
        <section class="card" aria-labelledby="lines">
          <h2 id="lines">Products</h2>
          <ul class="cart-lines">
            {cart.value.map((line) => (
              <Line key={line.sku} {...line} />
            ))}
          </ul>
          <Total />
        </section>
        {user.value ? <CheckoutForm /> : <SignIn canRegister />}
      </div>
    </>
  );
}

function Line({ sku, name, quantity }: CartLine): JSX.Element {
  const product = products.value.get(sku);
  return (
    <li>
      <a class="grow" href={`/products/${encodeURIComponent(sku)}`}>
        {name}
      </a>
      {product === null && <span class="trouble">is not sold any more</span>}
      {product && product.available < quantity && (
        <span class="trouble">only {product.available} in stock</span>
      )}
      <label>
        <span class="unseen">Quantity of {name}</span>
        <input
          class="short"
          type="number"
          min={1}
          max={999}
          value={quantity}
          onChange={({ currentTarget }) => setQuantity(sku, Number(currentTarget.value))}
        />
      </label>
      <span class="number">
        {product ? money({ ...product.price, amount: product.price.amount * quantity }) : ''}
      </span>
      <button
        type="button"
        class="plain"
        aria-label={`Remove ${name}`}
        onClick={() => setQuantity(sku, 0)}
      >
        Remove
      </button>
    </li>
  );
}

function Total(): JSX.Element | null {
  const known = cart.value.flatMap(({ sku, quantity }) => {
    const price = products.value.get(sku)?.price;
    return price ? [{ ...price, amount: price.amount * quantity }] : [];
  });
  const [first] = known;
  if (!first || known.some(({ currency }) => currency !== first.currency)) return null;
  const amount = known.reduce((sum, each) => sum + each.amount, 0);
  return (
    <p class="row">
      <span class="grow">Subtotal, without shipping</span>
      <strong>{money({ ...first, amount })}</strong>
    </p>
  );
}

showShopPage(Cart);
