import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { eventually } from '../system/eventually.ts';
import { screens, type TestPage } from './browser.ts';
import { picturesFolder } from './pictures.config.ts';

/** Takes the picture of a page, or of what is on it from `top` on, for the README; `npm run pictures` keeps it in `docs/pictures`. */
export async function takePicture(
  { page }: TestPage,
  name: string,
  top: Locator = page.locator('body'),
): Promise<void> {
  await eventually('the page has its pictures', () => page.evaluate<boolean>(allLoaded));
  const { y = 0 } = (await top.boundingBox()) ?? {};
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 80,
    captureBeyondViewport: true,
    clip: { x: 0, y, width: screens.desktop.width, height: 640, scale: 1 },
  });
  const bytes = Buffer.from(data, 'base64');
  expect(bytes.subarray(8, 12).toString()).toBe('WEBP');
  expect(bytes.length).toBeLessThan(150_000);
  if (picturesFolder === undefined) return;
  mkdirSync(picturesFolder, { recursive: true });
  writeFileSync(join(picturesFolder, `${name}.webp`), bytes);
}

/** Runs in the page. Those further down are loaded when they are scrolled to. */
const allLoaded = `[...document.images].every(
  (image) => image.getBoundingClientRect().top > innerHeight || image.naturalWidth > 0)`;
