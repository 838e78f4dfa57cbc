import { signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { money } from '../lib/money.ts';
import { answered, open, reasonOf } from '../lib/session.ts';
import { ProductPicture } from './product-picture.tsx';
import { showShopPage } from './shop-page.tsx';

const query = new URLSearchParams(location.search);
const [category, search] = [query.get('category') ?? '', query.get('search')?.trim() ?? ''];
const products = signal<readonly Schemas['Product'][] | null>(null);
const categories = signal<readonly Schemas['Category'][]>([]);
const next = signal<string | null>(null);
const trouble = signal<string | null>(null);

async function readMore(): Promise<void> {
  const cursor = next.value;
  // There is no button for more until these are here.
  next.value = null;
  const { data, error } = await answered(
    open.GET('/api/v1/products', {
      params: {
        query: {
          limit: 24,
          ...(category && { category }),
          ...(search && { search }),
          ...(cursor && { cursor }),
        },
      },
    }),
  );
  trouble.value = data ? null : reasonOf(error);
  products.value = [...(products.value ?? []), ...(data?.items ?? [])];
  next.value = data ? data.nextCursor : cursor;
}

async function readCategories(): Promise<void> {
  const { data } = await answered(
    open.GET('/api/v1/categories', { params: { query: { limit: 50 } } }),
  );
  categories.value = data?.items ?? [];
}

function Catalogue(): JSX.Element {
  const title = search ? `“${search}”` : category || 'All products';
  return (
    <>
      <h1>{title}</h1>
      <nav aria-label="Categories" class="chips">
        <Chip href="/" isHere={!category && !search} name="All" />
        {categories.value.map(({ name }) => (
          <Chip
            key={name}
            href={`/?category=${encodeURIComponent(name)}`}
            isHere={name === category}
            name={name}
          />
        ))}
      </nav>
      <p class="trouble" role="alert">
        {trouble.value}
      </p>
      {products.value?.length === 0 && !trouble.value && <p>Nothing was found.</p>}
      <ul class="products" aria-busy={products.value === null}>
        {products.value?.map((product) => (
          <li key={product.sku}>
            <a href={`/products/${encodeURIComponent(product.sku)}`}>
              <ProductPicture product={product} />
              <span class="name">{product.name}</span>
            </a>
            <span class="price">{money(product.price)}</span>
            {product.available === 0 && <span class="quiet">sold out</span>}
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

const Chip = ({ href, isHere, name }: { href: string; isHere: boolean; name: string }) => (
  <a href={href} aria-current={isHere ? 'page' : undefined}>
    {name}
  </a>
);

showShopPage(Catalogue);
void readMore();
void readCategories();
