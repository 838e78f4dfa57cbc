import { expect, it } from '@jest/globals';
import type { SystemUnderTest } from '../system/system-under-test.ts';
import type { TestBrowser, TestPage } from './browser.ts';

/** What `/docs/events` shows of the messages of the system. */
export function messagesPageTests(browser: () => TestBrowser, system: () => SystemUnderTest): void {
  const open = async (path: string, screen?: 'phone'): Promise<TestPage> => {
    const opened = await browser().page(system().url, screen);
    await opened.page.goto(path);
    await opened.page.getByText(/^\d+ of \d+ messages$/).waitFor();
    return opened;
  };
  const fact = ({ page }: TestPage, name: string) =>
    page.locator('dl > div').filter({ hasText: name }).getByRole('definition').textContent();

  it('shows every message of the document', async () => {
    const { page } = await open('/docs/events');
    const answer = await fetch(`${system().url}/asyncapi.json`);
    const { channels } = (await answer.json()) as {
      channels: Record<string, { messages: object }>;
    };
    const all = Object.values(channels).flatMap(({ messages }) => Object.keys(messages));
    expect(await page.getByText(/of \d+ messages$/).textContent()).toBe(
      `${all.length} of ${all.length} messages`,
    );
    const links = page.getByRole('navigation', { name: 'Messages' }).getByRole('link');
    expect(await links.count()).toBe(all.length);
  });

  it('finds a message by a field, and shows who sends and receives it, its fields and an example', async () => {
    const opened = await open('/docs/events');
    const { page } = opened;
    await page.getByLabel('Search').fill('command address.postalCode');
    await page.getByRole('link', { name: 'shipping.book-shipment' }).click();
    await page.getByRole('heading', { name: 'shipping.book-shipment' }).waitFor();
    expect(await fact(opened, 'Channel')).toBe('shipping.commands');
    expect(await fact(opened, 'Sent by')).toBe('order');
    expect(await fact(opened, 'Received by')).toBe('shipping');
    await page.getByRole('rowheader', { name: 'parcels[].warehouse' }).waitFor();
    await page.getByText('"type": "shipping.book-shipment"').waitFor();
    await page.getByLabel('Search').fill('no such message');
    await page.getByText(/^0 of/).waitFor();
  });

  it('opens at a message of the WebSocket by its address', async () => {
    const opened = await open('/docs/events#ws.client.join_room');
    await opened.page.getByRole('heading', { name: 'join_room' }).waitFor();
    expect(await fact(opened, 'Sent by')).toBe('clients of the WebSocket');
    expect(await fact(opened, 'Received by')).toBe('gateway');
    await opened.page.goto('/docs/events#order.never');
    await opened.page.getByRole('alert').filter({ hasText: 'no message order.never' }).waitFor();
  });

  it.each(['desktop', 'phone'] as const)('is accessible and fits on a %s', async (screen) => {
    const phone = screen === 'phone' ? screen : undefined;
    for (const path of ['/docs/events', '/docs/events#shipping.book-shipment.v2']) {
      const opened = await open(path, phone);
      expect(await opened.violations()).toEqual([]);
      expect(await opened.fits()).toBe(true);
      expect([opened.errors, opened.strangers]).toEqual([[], []]);
    }
  });
}
