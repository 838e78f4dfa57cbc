import { type ComponentChildren, type JSX, render } from 'preact';
import { signOut, user } from '../lib/session.ts';
import { reportPage } from './activity.ts';
import { cart } from './cart-lines.ts';

/** Shows `content` under the head of the shop, which is the same on all its pages. */
export function showShopPage(Content: () => JSX.Element): void {
  const page = document.getElementById('page');
  const shown = (
    <ShopPage>
      <Content />
    </ShopPage>
  );
  if (page) render(shown, page);
  reportPage();
}

function ShopPage({ children }: { children: ComponentChildren }): JSX.Element {
  const count = cart.value.reduce((sum, { quantity }) => sum + quantity, 0);
  const search = new URLSearchParams(location.search).get('search') ?? '';
  return (
    <>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="bar">
        <p class="brand">
          <a href="/">Waybill</a>
        </p>
        <search class="find">
          <form class="row" action="/" method="get">
            <label class="grow">
              <span class="unseen">Search products</span>
              <input
                name="search"
                type="search"
                placeholder="Search products"
                defaultValue={search}
                maxLength={100}
              />
            </label>
            <button type="submit">Search</button>
          </form>
        </search>
        <nav aria-label="Shop" class="row end">
          <a href="/orders">Orders</a>
          <a href="/cart">Cart{count > 0 && ` (${count})`}</a>
          {user.value ? (
            <button type="button" class="plain" onClick={() => void signOut()}>
              Sign out
            </button>
          ) : (
            <a href="/orders">Sign in</a>
          )}
        </nav>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot quiet">
        <p>
          A sample shop: nothing is sold. <a href="/live">Live</a> · <a href="/console">Console</a>{' '}
          · <a href="/docs">API</a> · <a href="/docs/events">Messages</a>
        </p>
      </footer>
    </>
  );
}
