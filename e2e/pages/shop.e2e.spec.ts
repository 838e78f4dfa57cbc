import { randomUUID } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../system/eventually.ts';
import { useSystem } from '../system/test-system.ts';
import { type TestPage, useBrowser } from './browser.ts';
import { tabTo } from './keyboard.ts';
import { takePicture } from './pictures.ts';

jest.setTimeout(240_000);

const system = useSystem();
const browser = useBrowser();

/** A page with one product in its cart, whose customer has signed in. */
async function atCheckout(screen: 'desktop' | 'phone' = 'desktop'): Promise<TestPage> {
  const opened = await browser().page(system().url, screen);
  const { page } = opened;
  await page.goto('/products/CABLE-USBC');
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByRole('link', { name: 'To the cart' }).click();
  await signIn(page, 'ada@example.com');
  await fillAddress(page);
  return opened;
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('waybill');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function fillAddress(page: Page): Promise<void> {
  await page.getByLabel('Street and number').fill('1 Main St');
  await page.getByLabel('Postal code').fill('10115');
  await page.getByLabel('City').fill('Berlin');
}

async function order({ page }: TestPage): Promise<void> {
  await page.getByRole('button', { name: 'Order and pay' }).click();
  await page.getByRole('heading', { name: /^Order W/ }).waitFor();
}

const status = ({ page }: TestPage, text: string) =>
  page.getByRole('status').filter({ hasText: text }).waitFor();

describe('the shop', () => {
  it('sells: search, product, cart, order, which is shown as paid without a reload', async () => {
    const ada = await browser().page(system().url);
    const { page } = ada;
    await page.goto('/');
    await page.getByLabel('Search products').fill('laptop');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('link', { name: 'Feather 13 laptop' }).click();
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByRole('link', { name: 'To the cart' }).click();
    await signIn(page, 'ada@example.com');
    await fillAddress(page);
    await order(ada);
    await status(ada, 'confirmed');
    await page.getByRole('heading', { name: 'Invoice' }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as PDF' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^invoice-W.*\.pdf$/);
    await page.getByRole('link', { name: 'Your orders' }).click();
    await page.getByText('Feather 13 laptop').first().waitFor();
    expect([ada.errors, ada.strangers]).toEqual([[], []]);
  });

  it('tells the analytics what its visitor did, from the first page to the order', async () => {
    const [ada, ops] = [await atCheckout('phone'), await system().as('ops')];
    const visit = await ada.page.evaluate("sessionStorage.getItem('waybill.visit')");
    await order(ada);
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const session = await eventually('the visit has come to its order', async () => {
      const all = await ops.all('/api/v1/analytics/sessions', { query: { from } });
      return all.find((each) => each.sessionId === visit && each.exitPage === '/orders/:id');
    });
    expect(session).toMatchObject({ entryPage: '/products/CABLE-USBC', bounced: false });
    expect(session.spend.amount).toBeGreaterThan(0);
    const once = ['add_to_cart', 'login', 'checkout_started', 'purchase'] as const;
    expect(session.types).toEqual(expect.arrayContaining(once.map((type) => ({ type, times: 1 }))));
    expect(ada.errors).toEqual([]);
  });

  it('tells nothing of a visitor whose browser asks for privacy', async () => {
    const { page } = await browser().page(system().url);
    const reports: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/v1/activity')) reports.push(request.url());
    });
    const inPrivate = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })";
    await page.addInitScript(inPrivate);
    for (const path of ['/products/CABLE-USBC', '/cart', '/']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(reports).toEqual([]);
  });

  it('follows an order also where no WebSocket gets through', async () => {
    const ada = await atCheckout();
    await ada.page.routeWebSocket(/\/ws\?/, (socket) => socket.close());
    await ada.page.getByLabel('is paid after three seconds').check();
    await order(ada);
    await status(ada, 'confirmed');
    expect(ada.errors).toEqual([]);
  });

  it('says why an order was not paid', async () => {
    const ada = await atCheckout();
    await ada.page.getByLabel('too little money').check();
    await order(ada);
    await status(ada, 'The card was declined. Nothing was charged.');
  });

  it('cancels an order after it has asked', async () => {
    const ada = await atCheckout();
    await order(ada);
    await status(ada, 'confirmed');
    await ada.page.getByRole('button', { name: 'Cancel this order' }).click();
    await ada.page.getByRole('button', { name: 'Cancel the order' }).click();
    await status(ada, 'cancelled');
    expect(ada.errors).toEqual([]);
  });

  it('registers a new customer at the checkout', async () => {
    const opened = await browser().page(system().url);
    const { page } = opened;
    await page.goto('/products/CABLE-USBC');
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByRole('link', { name: 'To the cart' }).click();
    await page.getByRole('button', { name: 'I am new here' }).click();
    await page.getByLabel('Your name').fill('Mary S.');
    await page.getByLabel('E-mail').fill('mary@shop.example');
    await page.getByLabel('Password').fill('short');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByRole('alert').filter({ hasText: 'password' }).waitFor();
    await page.getByLabel('Password').fill('a correct horse battery');
    await page.getByRole('button', { name: 'Create an account' }).click();
    await fillAddress(page);
    await order(opened);
    await status(opened, 'confirmed');
  });

  it('orders once for two clicks', async () => {
    const ada = await atCheckout();
    const before = await (await system().as('ada')).read('/api/v1/orders', {
      query: { limit: 200 },
    });
    await ada.page.getByRole('button', { name: 'Order and pay' }).dblclick();
    await ada.page.getByRole('heading', { name: /^Order W/ }).waitFor();
    const after = await (await system().as('ada')).read('/api/v1/orders', {
      query: { limit: 200 },
    });
    expect(after.items.length - before.items.length).toBe(1);
  });

  it('sells by keyboard alone', async () => {
    const ada = await browser().page(system().url);
    const { page } = ada;
    await page.goto('/products/CABLE-USBC');
    await page.getByRole('button', { name: 'Add to cart' }).waitFor();
    const to = (name: RegExp) => tabTo(page, name);
    await to(/^Add to cart$/);
    await page.keyboard.press('Enter');
    await page.getByText('is in the cart').waitFor();
    await to(/^To the cart$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    for (const [field, text] of [
      [/^E-mail/, 'ada@example.com'],
      [/^Password/, 'waybill'],
    ] as const) {
      await to(field);
      await page.keyboard.type(text);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Check out' }).waitFor();
    for (const [field, text] of [
      [/^Street/, '1 Main St'],
      [/^Postal/, '10115'],
      [/^City/, 'Berlin'],
    ] as const) {
      await to(field);
      await page.keyboard.type(text);
    }
    await to(/^Order and pay$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Order W/ }).waitFor();
    await status(ada, 'confirmed');
  });

  it.each(['desktop', 'phone'] as const)('is accessible and fits on a %s', async (screen) => {
    const ada = await atCheckout(screen);
    const { page } = ada;
    const look = async (what: string) => {
      expect([what, await ada.violations(), await ada.fits()]).toEqual([what, [], true]);
    };
    await look('cart');
    await order(ada);
    await status(ada, 'confirmed');
    await look('order');
    await page.goto('/orders');
    await page.getByRole('link', { name: /^W/ }).first().waitFor();
    await look('orders');
    await page.goto('/');
    await page.getByRole('link', { name: 'Feather 13 laptop' }).waitFor();
    await look('catalogue');
    await page.goto('/products/LAPTOP-13');
    await page.getByRole('button', { name: 'Add to cart' }).waitFor();
    await look('product');
    await page.goto('/products/NONE-SUCH');
    await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
    await look('no product');
    expect([ada.errors, ada.strangers]).toEqual([[], []]);
  });

  it.each(['desktop', 'phone'] as const)(
    'leads back from an address that leads nowhere on a %s',
    async (screen) => {
      const lost = await browser().page(system().url, screen);
      const { page } = lost;
      const answer = await page.goto('/produkte');
      expect(answer?.status()).toBe(404);
      expect([await lost.violations(), await lost.fits(), lost.errors]).toEqual([[], true, []]);
      await page.getByRole('link', { name: 'To the start page' }).click();
      await page.getByRole('link', { name: 'Feather 13 laptop' }).waitFor();
    },
  );

  it('puts what was not paid into the cart again', async () => {
    const ada = await atCheckout();
    const { page } = ada;
    await page.getByLabel('too little money').check();
    await order(ada);
    await page.getByRole('button', { name: 'Put it in the cart again' }).click();
    await page.getByRole('heading', { name: 'Check out' }).waitFor();
    await page.getByRole('link', { name: 'USB-C cable' }).waitFor();
    expect(ada.errors).toEqual([]);
  });

  it('says of a product and of an order that is not there that there is none', async () => {
    const { page } = await browser().page(system().url);
    const says = (text: string) => page.getByRole('alert').filter({ hasText: text }).waitFor();
    for (const sku of ['NO-SUCH', 'no such sku']) {
      await page.goto(`/products/${encodeURIComponent(sku)}`);
      await says('There is no such product.');
    }
    await page.goto('/orders/no-such-id');
    await signIn(page, 'ada@example.com');
    await says('There is no such order.');
    await page.goto(`/orders/${randomUUID()}`);
    await says('There is no such order.');
  });

  it('shows a long history a page at a time', async () => {
    const customer = await system().as('grace');
    const numbers = await Promise.all(
      Array.from({ length: 21 }, async () => (await customer.placeOrder()).body.number),
    );
    const { page } = await browser().page(system().url);
    await page.goto('/orders');
    await signIn(page, 'grace@example.com');
    const links = page.getByRole('main').getByRole('link', { name: /^W/ });
    await links.first().waitFor();
    expect(await links.count()).toBe(20);
    await page.getByRole('button', { name: 'Show more' }).click();
    await eventually('all are shown', async () => (await links.count()) >= 21);
    expect((await links.allTextContents()).sort()).toEqual(expect.arrayContaining(numbers.sort()));
  });

  it('loads few small files before it shows products', async () => {
    const { page } = await browser().page(system().url);
    await page.goto('/');
    await page.getByRole('link', { name: 'Feather 13 laptop' }).waitFor();
    const loaded = await page.evaluate<{ name: string; transferSize: number }[]>(
      'performance.getEntries().map(({ name, transferSize = 0 }) => ({ name, transferSize }))',
    );
    // Two seconds after its start it reports to the analytics, which loads nothing.
    const isLater = (name: string) => /\/images\/|\/api\/v1\/activity$/.test(name);
    const before = loaded.filter(({ name, transferSize }) => transferSize > 0 && !isLater(name));
    // The page and its icon, five files that are loaded at once, and two reads of the catalogue.
    expect(before.length).toBeLessThanOrEqual(9);
    const bytes = before.reduce((sum, { transferSize }) => sum + transferSize, 0);
    expect(bytes).toBeLessThan(50_000);
  });

  it('has a picture for the README', async () => {
    const visitor = await browser().page(system().url);
    await visitor.page.goto('/');
    await visitor.page.getByRole('link', { name: 'Feather 13 laptop' }).waitFor();
    await takePicture(visitor, 'shop');
  });

  it('leaves the books in order', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
