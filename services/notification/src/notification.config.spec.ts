import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { InvalidConfig, readSettings } from '@waybill/service';
import type { Alert } from './domain/alert.ts';
import { alertText } from './domain/alert-text.ts';
import { notificationConfig } from './notification.config.ts';

const deployed = { WAYBILL_DEPLOYED: 'true' };

describe('webhooks to this machine', () => {
  it.each([
    [{}, true],
    [{ WEBHOOK_LOOPBACK_ALLOWED: 'false' }, false],
    [deployed, false],
    [{ NODE_ENV: 'production' }, false],
  ])('with %j: %s', (env, allowed) => {
    expect(notificationConfig.parse(env).webhooks.loopbackAllowed).toBe(allowed);
  });

  it('cannot be allowed in a deployed system', () => {
    const { error } = notificationConfig.safeParse({
      ...deployed,
      WEBHOOK_LOOPBACK_ALLOWED: 'true',
    });
    expect(error?.issues).toMatchObject([{ path: ['WEBHOOK_LOOPBACK_ALLOWED'] }]);
  });
});

it.each([
  ['WEBHOOKS_PER_OWNER', '0'],
  ['WEBHOOKS_PER_OWNER', '1001'],
  ['WEBHOOK_TIMEOUT', '61s'],
  ['WEBHOOK_TIMEOUT', 'soon'],
  ['WEBHOOK_DISABLE_AFTER', '5'],
  ['SYNTHETIC_ORDER_EVERY', '29s'],
  ['SYNTHETIC_ORDER_EVERY', '61m'],
])('%s is not %s', (name, value) => {
  const { error } = notificationConfig.safeParse({ [name]: value });
  expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
});

it('what webhooks were told is known longer than a broker may repeat it', () => {
  const read = (env: object) =>
    notificationConfig.safeParse(env).error?.issues.map(({ path }) => path[0]);
  expect(read({ WEBHOOK_DELIVERY_RETENTION: '8d' })).toBeUndefined();
  expect(read({ WEBHOOK_DELIVERY_RETENTION: '7d' })).toEqual(['WEBHOOK_DELIVERY_RETENTION']);
  expect(read({ LONGEST_REDELIVERY: '30d' })).toEqual(['WEBHOOK_DELIVERY_RETENTION']);
});

it.each([
  [{}, 'http://127.0.0.1:8080/docs/runbooks/channel-depth'],
  [{ PUBLIC_URL: 'https://example.com' }, 'https://example.com/docs/runbooks/channel-depth'],
  [
    { PUBLIC_URL: 'https://example.com/shop/' },
    'https://example.com/shop/docs/runbooks/channel-depth',
  ],
  [
    { PUBLIC_URL: 'https://example.com', ALERT_RUNBOOKS: 'https://git.example.com/blob/main' },
    'https://git.example.com/blob/main/docs/runbooks/channel-depth.md',
  ],
])('with %j an alert links to %s', (env, link) => {
  const alert = { rule: 'channel-depth', service: 'order', about: null } as Alert;
  const { lines } = alertText(alert, 'firing', notificationConfig.parse(env).alerts.links);
  expect(lines).toContain(`what to do: ${link}`);
});

it('synthetic orders need a customer and a product', () => {
  const { error } = notificationConfig.safeParse({ SYNTHETIC_ORDER_URL: 'http://127.0.0.1:8080' });
  expect(error?.issues.map(({ path }) => path[0])).toEqual([
    'SYNTHETIC_ORDER_EMAIL',
    'SYNTHETIC_ORDER_PASSWORD',
    'SYNTHETIC_ORDER_SKU',
  ]);
});

describe('the webhook for alerts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slack-'));
  const file = join(folder, 'url');
  afterAll(() => rmSync(folder, { recursive: true }));
  const url = 'https://hooks.example.com/services/T0/B0/secret';
  const read = (env: object) => {
    const [settings] = readSettings('notification', { ...env }, [notificationConfig]);
    return settings.alerts.slackUrl;
  };

  it('is a variable, or the content of a file', () => {
    writeFileSync(file, `${url}\n`);
    expect([read({}), read({ ALERT_SLACK_URL: url })]).toEqual([null, url]);
    expect(read({ ALERT_SLACK_URL_FILE: file })).toBe(url);
  });

  it.each([
    ['no URL', { ALERT_SLACK_URL: 'hooks.example.com/secret' }, 'ALERT_SLACK_URL: '],
    ['a file without one', { ALERT_SLACK_URL_FILE: file }, 'a file without a URL'],
    ['no file', { ALERT_SLACK_URL_FILE: join(folder, 'none') }, 'cannot be read (ENOENT)'],
    ['a folder', { ALERT_SLACK_URL_FILE: folder }, 'cannot be read (EISDIR)'],
    ['both', { ALERT_SLACK_URL_FILE: file, ALERT_SLACK_URL: url }, 'together with'],
  ])('is not %s, and no error shows it', (_, env, problem) => {
    writeFileSync(file, 'secret.example.com');
    const wrong = (): unknown => read(env);
    expect(wrong).toThrow(InvalidConfig);
    expect(wrong).toThrow(problem);
    expect(wrong).not.toThrow(/example\.com/);
  });
});
