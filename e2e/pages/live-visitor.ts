import type { Page } from 'playwright-core';
import type { TestBrowser, TestPage } from './browser.ts';

/** The live page at `url`, whose WebSocket of this user is open. */
export async function signedIn(
  browser: TestBrowser,
  url: string,
  email: string,
  screen?: 'desktop' | 'phone',
): Promise<TestPage> {
  const opened = await browser.page(url, screen);
  const { page } = opened;
  await page.goto('/live');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('waybill');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await connected(page);
  return opened;
}

/** Resolves when the page shows that its WebSocket is open. */
export const connected = (page: Page): Promise<void> =>
  page
    .getByRole('status')
    .filter({ hasText: /^connected$/ })
    .waitFor();

export async function join({ page }: TestPage, room: string): Promise<void> {
  await page.getByLabel('Room to join').fill(room);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('heading', { name: `Chat in ${room}` }).waitFor();
  await page.getByText('You joined.').waitFor();
}

/** Writes to the room that is shown. */
export async function say({ page }: TestPage, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}
