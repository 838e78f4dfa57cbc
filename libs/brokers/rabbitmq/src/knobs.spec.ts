import { describe, expect, it } from '@jest/globals';
import { Overtaking } from './outlet.ts';
import { explained } from './rabbitmq-errors.ts';
import { settingsOf } from './settings.ts';

describe('the knobs of a RabbitMQ broker', () => {
  const options = { url: 'amqp://localhost', service: 'order' };

  it('have defaults', () => {
    expect(settingsOf(options)).toMatchObject({
      window: 1_000,
      confirmTimeout: 5_000,
      deliveryLimit: 100,
      prefix: '',
    });
  });

  it('are refused out of their bounds', () => {
    expect(() => settingsOf({ ...options, window: 0 })).toThrow(
      'window is 0, but must be a whole number from 1 to 10000',
    );
    expect(() => settingsOf({ ...options, beat: 1.5 })).toThrow('beat');
  });
});

describe('overtaking', () => {
  it.each([
    ['low', 'critical'],
    ['critical', 'low'],
  ] as const)('keeps a key where its last message went lately (%s, not %s)', (first, next) => {
    const overtaking = new Overtaking();
    expect(overtaking.priorityOf('k', first, 0)).toBe(first);
    expect(overtaking.priorityOf('k', next, 1)).toBe(first);
    expect(overtaking.priorityOf('other', next, 1)).toBe(next);
    expect(overtaking.priorityOf('k', next, 600_002)).toBe(next);
  });

  it('remembers a bounded number of keys', () => {
    const overtaking = new Overtaking();
    for (let n = 0; n <= 30_000; n += 1) overtaking.priorityOf(`k${n}`, 'low', 0);
    expect(overtaking.priorityOf('k0', 'high', 0)).toBe('high');
    expect(overtaking.priorityOf('k30000', 'high', 0)).toBe('low');
  });
});

describe('what went wrong with a connection', () => {
  it.each([
    ['ACCESS_REFUSED - Login was refused', 'user or password is wrong'],
    ['Expected ConnectionOpenOk; got <ConnectionClose channel:0>', 'names a virtual host'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'RABBITMQ_CA_FILE names its authority'],
    ['EPROTO', 'does not speak TLS'],
    ['Socket closed abruptly during opening handshake', 'nothing answers'],
  ])('%s is told as: %s', (message, told) => {
    const line = explained(new Error(message), 'amqp://me:secret@rabbit:5672/shop').message;
    expect(line).toContain(told);
    expect(line).toContain('rabbit:5672/shop');
    expect(line).not.toContain('secret');
    expect(line).not.toContain('\n');
  });
});
