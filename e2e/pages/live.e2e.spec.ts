import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../system/eventually.ts';
import { useSystem } from '../system/test-system.ts';
import { type TestPage, useBrowser } from './browser.ts';
import { connected, join, say, signedIn } from './live-visitor.ts';
import { messagesPageTests } from './messages-page.tests.ts';

jest.setTimeout(240_000);

const system = useSystem();
const browser = useBrowser();

const visit = (email: string, screen?: 'phone'): Promise<TestPage> =>
  signedIn(browser(), system().url, email, screen);

describe('the live page', () => {
  it('refuses a wrong password with the reason', async () => {
    const { page, errors } = await browser().page(system().url);
    await page.goto('/live');
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
    expect(errors).toEqual([]);
  });

  it('brings two browsers in one room together', async () => {
    const [ada, grace] = [await visit('ada@example.com'), await visit('grace@example.com')];
    await join(ada, 'lobby');
    await join(grace, 'lobby');
    await ada.page.getByText('grace joined.').waitFor();
    await say(ada, '<b>Hello</b>, Grace');
    const line = grace.page.getByRole('listitem').filter({ hasText: '<b>Hello</b>, Grace' });
    expect(await line.getByRole('strong').textContent()).toBe('ada');
    await grace.page.getByRole('button', { name: 'Leave lobby' }).click();
    await ada.page.getByText('grace left.').waitFor();
    expect([...ada.errors, ...grace.errors]).toEqual([]);
  });

  it('shows an order as it proceeds, without a reload', async () => {
    const ada = await visit('ada@example.com');
    await ada.page.getByRole('button', { name: 'Place a sample order' }).click();
    await ada.page
      .getByRole('row')
      .filter({ hasText: /pending|confirmed/ })
      .first()
      .waitFor();
    await ada.page.getByRole('row').filter({ hasText: 'confirmed' }).first().waitFor();
    expect(ada.errors).toEqual([]);
  });

  it('connects again after the gateway was away, and is in its rooms again', async () => {
    const ada = await visit('ada@example.com');
    await join(ada, 'harbour');
    await ada.page.getByRole('button', { name: 'Place a sample order' }).click();
    const order = ada.page.getByRole('row').nth(1);
    await order.filter({ hasText: 'confirmed' }).waitFor();
    await system().kill9();
    await ada.page.getByRole('status').filter({ hasText: 'connection lost' }).waitFor();
    await system().start();
    await connected(ada.page);
    await eventually('both joins are told', async () => {
      return (await ada.page.getByText('You joined.').count()) === 2;
    });
    const number = await order.getByRole('rowheader').textContent();
    const customer = await system().as('ada');
    const { items } = await customer.read('/api/v1/orders', { query: { limit: 5 } });
    await customer.cancel(items.find((each) => each.number === number)?.id ?? '');
    await order.filter({ hasText: 'cancelled' }).waitFor();
  });

  it('stays signed in over a reload, until signed out', async () => {
    const { page } = await visit('ada@example.com');
    await page.reload();
    await connected(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it.each(['desktop', 'phone'] as const)(
    'is accessible, fits and calls no other origin on a %s',
    async (screen) => {
      const first = await browser().page(system().url, screen);
      await first.page.goto('/live');
      await first.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await first.violations()).toEqual([]);
      const ada = await visit('ada@example.com', screen === 'phone' ? screen : undefined);
      await join(ada, 'a-room-with-a-name-that-is-about-as-long-as-names-of-rooms-may-be');
      expect(await ada.violations()).toEqual([]);
      expect(await ada.fits()).toBe(true);
      expect([...first.strangers, ...ada.strangers]).toEqual([]);
    },
  );

  describe('the page of messages', () => messagesPageTests(browser, system));

  it('leaves the books in order', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
