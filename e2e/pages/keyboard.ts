import type { Locator, Page } from 'playwright-core';

/** Moves the focus by the tabulator to the field, link or button of this name in `place`; rejects if that does not reach it. */
export async function tabTo(
  page: Page,
  name: RegExp,
  place: Locator = page.locator('body'),
): Promise<void> {
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    const isThere = (await place.locator(':focus').count()) > 0;
    if (isThere && name.test(await nameOfFocused(page))) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}

/** What the field or button with the focus is called. */
const nameOfFocused = (page: Page): Promise<string> =>
  page.evaluate<string>(`
    const focused = document.activeElement;
    (focused.closest('label') ?? focused).innerText.trim().split('\\n')[0]`);
