import process from 'node:process';
import { afterAll, beforeAll } from '@jest/globals';
import { testProgram } from '@waybill/stack';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

/** Each of these is shown in a window of its size, in light and in dark. */
export const screens = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 360, height: 740 },
} as const;

/** A real Chromium without a display. */
export class TestBrowser {
  private readonly contexts: BrowserContext[] = [];

  private constructor(private readonly browser: Browser) {}

  static async open(): Promise<TestBrowser> {
    const executablePath = testProgram('browser');
    if (executablePath === undefined) throw new Error('there is no Chromium');
    // Its own sandbox does not work for root.
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return new TestBrowser(await chromium.launch({ executablePath, args }));
  }

  /** A page of a user of its own, with no cookies and nothing stored. What the page logs as an error fails the test that calls `close`. */
  async page(url: string, screen: keyof typeof screens = 'desktop'): Promise<TestPage> {
    const context = await this.browser.newContext({ viewport: screens[screen], baseURL: url });
    this.contexts.push(context);
    const page = await context.newPage();
    // A machine that does other things too may be slow.
    page.setDefaultTimeout(60_000);
    return new TestPage(page);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

interface Findings {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { html: string }[];
  }[];
}

/** A page, and what went wrong on it. */
export class TestPage {
  /** Errors of scripts, and what the policy of the page refused. */
  readonly errors: string[] = [];
  /** Origins other than the page's own that it has called. */
  readonly strangers: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (line) => {
      if (line.type() === 'error' && !isNetwork(line.text())) this.errors.push(line.text());
    });
    page.on('request', (request) => {
      const { origin } = new URL(request.url());
      if (!page.url().startsWith('about:') && origin !== new URL(page.url()).origin)
        this.strangers.push(origin);
    });
  }

  /** Violations of the rules of axe; empty if there are none. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<Findings>('axe.run()');
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  }

  /** Whether all of it fits into the width of the window. */
  fits(): Promise<boolean> {
    return this.page.evaluate(
      'document.documentElement.scrollWidth <= document.documentElement.clientWidth',
    );
  }
}

/** Chromium reports each failed request as an error of the console, also those of a page that tries again. */
const isNetwork = (text: string): boolean =>
  /^(Failed to load resource|WebSocket connection to)/.test(text);

/** One browser for all tests of a file; the returned function gives it. */
export function useBrowser(): () => TestBrowser {
  let browser: TestBrowser | undefined;
  beforeAll(async () => {
    browser = await TestBrowser.open();
  });
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error('the browser has not started');
    return browser;
  };
}
