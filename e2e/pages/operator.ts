import type { Locator } from 'playwright-core';
import type { TestBrowser, TestPage } from './browser.ts';

/** A page of the console at `url`, whose user has signed in: an operator, unless another e-mail is given. */
export async function atConsole(
  browser: TestBrowser,
  url: string,
  path = '/console',
  { email = 'ops@example.com', screen = 'desktop' as 'desktop' | 'phone' } = {},
): Promise<TestPage> {
  const opened = await browser.page(url, screen);
  const { page } = opened;
  await page.goto(path);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('waybill');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return opened;
}

/** Does what a button of this name is for: fills in the fields of its dialog, and confirms it. */
export async function act(
  { page }: TestPage,
  name: string,
  {
    at = page.locator('main'),
    fields = {},
  }: { at?: Locator; fields?: Record<string, string> } = {},
): Promise<void> {
  await at.getByRole('button', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  for (const [field, value] of Object.entries(fields)) await dialog.getByLabel(field).fill(value);
  await dialog.getByRole('button', { name, exact: true }).click();
}

/** Sets a fault by its dialog. */
export async function setFault(opened: TestPage, name: string, percent: string): Promise<void> {
  const { page } = opened;
  await page.goto('/console/faults');
  const row = page.getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
  await act(opened, 'Set', { at: row, fields: { 'Percent that fail': percent } });
  await row.getByText(`${percent}% fail`).waitFor();
}

export async function faultsOff({ page }: TestPage): Promise<void> {
  await page.goto('/console/faults');
  await page.getByRole('button', { name: 'All off' }).click();
  await page.getByRole('status').filter({ hasText: 'All faults are off.' }).waitFor();
}

/** What was done last, as the page tells it. */
export const notice = ({ page }: TestPage, text: string): Promise<void> =>
  page.getByRole('status').filter({ hasText: text }).waitFor();
