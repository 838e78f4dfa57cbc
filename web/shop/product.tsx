import { signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { answered, isAbsent, open, reasonOf } from '../lib/session.ts';
import { addToCart } from './cart-lines.ts';
import { Missing } from './missing.tsx';
import { ProductPicture } from './product-picture.tsx';
import { showShopPage } from './shop-page.tsx';

const sku = decodeURIComponent(location.pathname.split('/').at(-1) ?? '');
const product = signal<Schemas['Product'] | null>(null);
const others = signal<Schemas['Recommendations']['items']>([]);
const trouble = signal<string | null>(null);
const added = signal<string | null>(null);

async function read(): Promise<void> {
  const path = { sku };
  const { data, error, response } = await answered(
    open.GET('/api/v1/products/{sku}', { params: { path } }),
  );
  product.value = data ?? null;
  if (!data) {
    trouble.value = isAbsent(response) ? 'There is no such product.' : reasonOf(error);
    return;
  }
  trouble.value = null;
  document.title = `${data.name} · Waybill`;
  const found = await answered(
    open.GET('/api/v1/products/{sku}/recommendations', {
      params: { path, query: { limit: 4 } },
    }),
  );
  others.value = found.data?.items ?? [];
}

function add(event: SubmitEvent): void {
  event.preventDefault();
  const found = product.value;
  if (!found) return;
  const form = new FormData(event.currentTarget as HTMLFormElement);
  const isIn = addToCart(found, Number(form.get('quantity')));
  added.value = isIn ? `${found.name} is in the cart.` : 'The cart is full.';
}

function Product(): JSX.Element {
  const found = product.value;
  if (!found) return <Missing what="This product" why={trouble.value} />;
  const isSoldOut = found.available === 0;
  return (
    <>
      <article class="product">
        <ProductPicture product={found} />
        <div class="stack">
          <h1>{found.name}</h1>
          <p class="price">{money(found.price)}</p>
          <p>{found.description}</p>
          <p class="quiet">
            {isSoldOut ? 'Sold out' : `${found.available.toLocaleString()} in stock`} ·{' '}
            {found.category} · {found.sku}
          </p>
          <form class="row buy" onSubmit={add}>
            <label>
              Quantity
              <input
                name="quantity"
                type="number"
                min={1}
                max={Math.max(1, Math.min(999, found.available))}
                defaultValue="1"
                required
              />
            </label>
            <button type="submit" disabled={isSoldOut}>
              Add to cart
            </button>
          </form>
          <p role="status">
            {added.value} {added.value && <a href="/cart">To the cart</a>}
          </p>
        </div>
      </article>
      {others.value.length > 0 && (
        <section class="stack" aria-labelledby="others">
          <h2 id="others">Others also like</h2>
          <ul class="chips">
            {others.value.map(({ sku: other, name }) => (
              <li key={other}>
                <a href={`/products/${encodeURIComponent(other)}`}>{name}</a>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

showShopPage(Product);
void read();
