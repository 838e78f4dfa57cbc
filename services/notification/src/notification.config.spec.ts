import { describe, expect, it } from '@jest/globals';
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
])('%s is not %s', (name, value) => {
  const { error } = notificationConfig.safeParse({ [name]: value });
  expect(error?.issues.map(({ path }) => path)).toEqual([[name]]);
});
