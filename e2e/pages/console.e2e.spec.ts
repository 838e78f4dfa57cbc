import { randomUUID } from 'node:crypto';
import { describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../system/eventually.ts';
import { useSystem } from '../system/test-system.ts';
import { type TestPage, useBrowser } from './browser.ts';
import { tabTo } from './keyboard.ts';
import { operatingTests } from './operating.tests.ts';
import { act, atConsole, faultsOff, notice, setFault } from './operator.ts';
import { trafficBefore } from './pictures.config.ts';
import { takePicture } from './pictures.ts';

jest.setTimeout(240_000);

/** A single dead letter is an alert. */
const system = useSystem({ DEAD_LETTER_LIMIT: '1' });
const browser = useBrowser();

const signedIn = (path?: string, as?: Parameters<typeof atConsole>[3]): Promise<TestPage> =>
  atConsole(browser(), system().url, path, as);

const inStatus = ({ page }: TestPage, text: string) =>
  page.locator('.status', { hasText: text }).first();

describe('the console', () => {
  it('is closed to customers, and says so', async () => {
    const ada = await signedIn('/console/faults', { email: 'ada@example.com' });
    await ada.page.getByRole('heading', { name: 'For operators only' }).waitFor();
    expect(await ada.page.getByRole('navigation').count()).toBe(0);
    await ada.page.getByRole('button', { name: 'Sign in as somebody else' }).click();
    await ada.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(ada.errors).toEqual([]);
  });

  it.each([
    ['orders', 'order'],
    ['sagas', 'saga'],
    ['dead-letters', 'dead letter'],
    ['channels', 'channel'],
    ['messages', 'message'],
    ['webhooks', 'webhook'],
  ])(
    'says of /console/%s that there is no such %s, with an id of nothing and with no id',
    async (list, what) => {
      const ops = await signedIn(`/console/${list}/${randomUUID()}`);
      const { page } = ops;
      const none = page.getByRole('alert').filter({ hasText: `There is no such ${what}.` });
      await none.waitFor();
      await page.goto(`/console/${list}/no-such-id`);
      await none.waitFor();
    },
  );

  it('sets a fault after it has asked, and shows what an order waits for', async () => {
    const ops = await signedIn('/console/faults');
    await setFault(ops, 'analytics', '100');
    const ada = await system().as('ada');
    for (let n = 0; n < 2; n += 1) await ada.placeOrder();
    const placed = await ada.placeOrder();
    await ops.page.goto(`/console/orders/${placed.body.id}`);
    await ops.page.getByText('order.placed is deferred by analytics').waitFor();
    await ops.page.getByText('The dead letter order.placed').waitFor({ timeout: 180_000 });
    expect(ops.errors).toEqual([]);
  });

  it('silences and acknowledges an alert, and ends the silence', async () => {
    const ops = await signedIn('/console/alerts');
    const { page } = ops;
    const row = (text: string) => page.getByRole('row').filter({ hasText: text });
    const alert = row('Too many dead letters').filter({ hasText: 'analytics' });
    await alert.waitFor({ timeout: 180_000 });
    // By keyboard alone: the dialog has the focus in its first field.
    await tabTo(page, /^Silence$/, alert);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: /^Silence dead-letters of / }).waitFor();
    await page.keyboard.type('ticket 8');
    await page.keyboard.press('Enter');
    await alert.getByText('firing, silenced').waitFor();
    await act(ops, 'Acknowledge', { at: alert });
    await alert.getByText('acknowledged, silenced').waitFor();
    await alert.getByText('ops@example.com').waitFor();
    const runbook = await alert.getByRole('link', { name: 'what to do' }).getAttribute('href');
    expect(runbook).toBe('/docs/runbooks/dead-letters');
    await act(ops, 'End', { at: row('ticket 8') });
    await alert.getByText('acknowledged', { exact: true }).waitFor();
    await row('ticket 8').waitFor({ state: 'detached' });
    expect(ops.errors).toEqual([]);
  });

  it('edits a dead letter, redrives it, and shows who did', async () => {
    const ops = await signedIn('/console/faults');
    const { page } = ops;
    await faultsOff(ops);
    await page.goto('/console/dead-letters?handler=analytics');
    await page.getByRole('link', { name: 'order.placed' }).first().click();
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('ticket 7');
    await dialog.getByRole('button', { name: 'Edit' }).click();
    const data = await page.getByRole('textbox', { name: 'Data' }).inputValue();
    await page
      .getByRole('textbox', { name: 'Data' })
      .fill(data.replace('"country": "DE"', '"country": "Germany"'));
    await page.getByRole('button', { name: 'Redrive as edited' }).click();
    await dialog.getByRole('button', { name: 'Redrive as edited' }).click();
    await dialog.getByRole('alert').filter({ hasText: 'country' }).waitFor();
    await dialog.getByRole('button', { name: 'Back' }).click();
    await page
      .getByRole('textbox', { name: 'Data' })
      .fill(data.replace('"country": "DE"', '"country": "FR"'));
    await page.getByRole('button', { name: 'Redrive as edited' }).click();
    await dialog.getByRole('button', { name: 'Redrive as edited' }).click();
    await page.getByText('It is redriven with changed data, by ops@example.com').waitFor();
    await page.goto('/console/audit');
    await page.getByRole('row').filter({ hasText: 'ticket 7' }).waitFor();
    expect(ops.errors).toEqual([]);
  });

  it('redrives all others, and still shows how far it has come after a reload', async () => {
    const ops = await signedIn('/console/dead-letters?handler=analytics');
    const { page } = ops;
    await eventually('the others are dead letters too', async () => {
      await page.reload();
      await page.getByRole('link', { name: 'order.placed' }).first().waitFor();
      return (await page.getByRole('link', { name: 'order.placed' }).count()) === 2;
    });
    await tabTo(page, /^Redrive all$/);
    await page.keyboard.press('Enter');
    await page
      .getByRole('dialog', { name: /^Redrive all dead letters of handler analytics/ })
      .waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('1');
    await page.keyboard.press('Enter');
    await notice(ops, 'They are being redriven.');
    await page.reload();
    await page.getByText('Redriven: 2 of 2').waitFor();
    await page.getByText('There are no dead letters.').waitFor();
    expect(ops.errors).toEqual([]);
  });

  operatingTests(signedIn);

  it('follows an order until it is confirmed, without a reload', async () => {
    const payment = { method: 'card', token: 'tok_slow' };
    const placed = await (await system().as('ada')).placeOrder({ payment });
    const ops = await signedIn(`/console/orders/${placed.body.id}`);
    await inStatus(ops, 'confirmed').waitFor();
    await ops.page.getByRole('heading', { name: 'It waits for nothing' }).waitFor();
    const diagram = ops.page.getByRole('img', { name: /messages between client, order/ });
    await diagram.getByText('payment-captured', { exact: true }).waitFor();
    await ops.page
      .getByRole('row')
      .filter({ hasText: 'payment.capture-payment command' })
      .waitFor();
    expect([ops.errors, ops.strangers]).toEqual([[], []]);
  });

  it('has pictures for the README', async () => {
    const ada = await system().as('ada');
    const { id } = await ada.buy();
    const ops = await signedIn(`/console/orders/${id}`);
    await ops.page.getByRole('heading', { name: 'It waits for nothing' }).waitFor();
    await takePicture(ops, 'journey', ops.page.getByRole('region', { name: 'Messages' }));
    await ops.page.goto('/console');
    await ops.page.getByText('analytics', { exact: true }).waitFor();
    const since = Date.now();
    let rounds = 0;
    await eventually(
      'the overview has counted orders for long enough',
      async () => {
        // More and fewer of them in turn.
        const some = 2 + Math.round(2 * Math.sin(rounds / 25));
        await Promise.all(Array.from({ length: some }, () => ada.buy()));
        rounds += 1;
        const counted = await ops.page.getByText(/^confirmed /).textContent();
        return Date.now() - since > trafficBefore && counted !== 'confirmed 0';
      },
      trafficBefore + 60_000,
    );
    await takePicture(ops, 'console');
  });

  it('shows what a saga undid', async () => {
    const payment = { method: 'card', token: 'tok_capture_fails' };
    const rejected = await (await system().as('ada')).buy({ payment });
    const ops = await signedIn(`/console/orders/${rejected.id}`);
    const row = ops.page.getByRole('row').filter({ hasText: 'payment.void-payment command' });
    await row.getByText('compensation').waitFor();
    await ops.page.getByRole('link', { name: 'place-order' }).click();
    await inStatus(ops, 'aborted').waitFor();
    expect(ops.errors).toEqual([]);
  });

  it('shows a provider that fails, and its return, on the overview', async () => {
    const ops = await signedIn('/console/faults');
    await setFault(ops, 'payment-provider', '100');
    await ops.page.goto('/console');
    const ada = await system().as('ada');
    const breaker = ops.page.locator('summary', { hasText: 'breaker-payment-provider' });
    await eventually('the breaker is seen', async () => {
      await ada.placeOrder();
      return (await breaker.count()) > 0;
    });
    await faultsOff(ops);
    await ops.page.goto('/console');
    await ops.page.locator('summary', { hasText: 'payment' }).waitFor();
    await breaker.waitFor({ state: 'detached', timeout: 120_000 });
    expect(ops.errors).toEqual([]);
  });

  it('says that a session has ended, and goes on where it was after signing in', async () => {
    const ops = await signedIn('/console/audit');
    const { page } = ops;
    await page.evaluate(forgetToken);
    await page.reload();
    await page.getByRole('status').filter({ hasText: 'Your session has ended' }).waitFor();
    expect(await ops.violations()).toEqual([]);
    await page.getByLabel('E-mail').fill('ops@example.com');
    await page.getByLabel('Password').fill('waybill');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Audit' }).waitFor();
    expect(ops.errors).toEqual([]);
  });

  it('says that the system does not answer, and goes on when it does', async () => {
    const ops = await signedIn();
    await ops.page.getByText('notification', { exact: true }).waitFor();
    await system().kill9();
    await ops.page.getByText('The system does not answer.').first().waitFor();
    await system().start();
    await ops.page.getByText('notification', { exact: true }).waitFor();
  });

  it('places orders by a slider, and shows the figures move', async () => {
    const ops = await signedIn('/console/load');
    const { page } = ops;
    await page.getByRole('slider').fill('5');
    await eventually('orders are placed a second', async () => {
      const rate = await page.getByText(/^placed /).textContent();
      return Number(rate?.replace('placed ', '')) > 0;
    });
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(await page.getByRole('slider').inputValue()).toBe('0');
    expect(ops.errors).toEqual([]);
  });

  it.each(['desktop', 'phone'] as const)('is accessible and fits on a %s', async (screen) => {
    const first = await browser().page(system().url, screen);
    await first.page.goto('/console');
    await first.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect([await first.violations(), await first.fits()]).toEqual([[], true]);
    const ops = await signedIn('/console', { screen });
    const { page } = ops;
    const [order] = (await (await system().as('ops')).read('/api/v1/orders', {})).items;
    const pages = [
      '/console',
      '/console/orders',
      `/console/orders/${order?.id}`,
      '/console/sagas',
      `/console/sagas/place-order:${order?.id}`,
      '/console/dead-letters',
      '/console/channels?sort=rate',
      '/console/channels/order.events',
      '/console/deferred',
      '/console/mail',
      '/console/webhooks',
      '/console/alerts',
      '/console/faults',
      '/console/load',
      '/console/audit',
      '/console/nothing',
      '/docs/runbooks',
      '/docs/runbooks/dead-letters',
    ];
    for (const path of pages) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      expect([path, await ops.violations(), await ops.fits()]).toEqual([path, [], true]);
    }
    expect([ops.errors, ops.strangers]).toEqual([[], []]);
  });

  it('leaves the books in order', async () => {
    expect(await system().verify()).toEqual([]);
  });
});

/** Runs in the page: another system would not know the token either. */
const forgetToken = `
  const tokens = JSON.parse(sessionStorage.getItem('waybill.session'));
  tokens.access = tokens.access.replace(/[^.]+$/, 'x'.repeat(43));
  sessionStorage.setItem('waybill.session', JSON.stringify(tokens))`;
