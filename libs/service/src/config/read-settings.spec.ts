import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { accessConfig, hostConfig } from './host.config.ts';
import { InvalidConfig, readSettings } from './read-settings.ts';
import { secret } from './secret.ts';

const own = z
  .object({
    PROVIDER_URL: z.url(),
    PROVIDER_KEY: secret('sk_development'),
    RETRIES: z.coerce.number().int().min(0).max(9).default(3),
  })
  .transform((env) => ({ providerUrl: env.PROVIDER_URL, retries: env.RETRIES }));

const good = {
  DATABASE_URL: 'postgres://waybill:topsecret@db:5432/waybill_payment',
  PROVIDER_URL: 'http://localhost:4010',
};
const read = (env: Record<string, string | undefined>) =>
  readSettings('payment', env, [hostConfig, accessConfig, own]);
const failure = (env: Record<string, string | undefined>): InvalidConfig => {
  try {
    read(env);
  } catch (error) {
    return error as InvalidConfig;
  }
  throw new Error('nothing was wrong');
};

describe('the settings of a service', () => {
  it('need little more than a database when nothing is deployed', () => {
    const [host, access, settings] = read(good);
    expect(host).toMatchObject({ deployed: false, host: '127.0.0.1', logLevel: 'info' });
    expect(access).toMatchObject({ issuer: null, dataFolder: '.waybill' });
    expect(settings).toEqual({ providerUrl: 'http://localhost:4010', retries: 3 });
  });

  it('are set up for the time of a message, unless PROFILE says otherwise', () => {
    expect(read(good)[0].profile.gather).toBe(0);
    expect(read({ ...good, PROFILE: 'throughput' })[0].profile.gather).toBeGreaterThan(0);
    expect(() => read({ ...good, PROFILE: 'fast' })).toThrow(
      'PROFILE: is neither latency nor throughput',
    );
  });

  it('remembers messages longer than a broker may repeat them, or does not start', () => {
    expect(read(good)[0].inboxRetentionMs).toBe(30 * 86_400_000);
    expect(() => read({ ...good, INBOX_RETENTION: '7d' })).toThrow(
      /INBOX_RETENTION: is not longer than LONGEST_REDELIVERY, 7 days/,
    );
    expect(() => read({ ...good, LONGEST_REDELIVERY: '31d' })).toThrow(/INBOX_RETENTION/);
    expect(() => read({ ...good, INBOX_RETENTION: 'long' })).toThrow(/is a length of time/);
    expect(read({ ...good, INBOX_RETENTION: '8d' })[0].inboxRetentionMs).toBe(8 * 86_400_000);
  });

  it('let a process that is told to stop serve on for an hour at most: a timer of 25 days would end at once', () => {
    const reading = (DRAIN_DELAY: string) => read({ ...good, DRAIN_DELAY });
    expect(reading('1h')[0].drainDelayMs).toBe(3_600_000);
    for (const delay of ['61m', '25d', '36500d']) {
      expect(() => reading(delay)).toThrow('DRAIN_DELAY: is at most an hour');
    }
  });

  it('are all told at once when they are wrong, in one message, a line each', () => {
    const error = failure({ PORT: '70000', LOG_LEVEL: 'loud', RETRIES: 'many', PROVIDER_URL: '' });
    expect(error.message.split('\n')).toEqual([
      'payment cannot start: 5 settings must be corrected',
      '  - DATABASE_URL is missing',
      expect.stringMatching(/^ {2}- PORT: .*70000/),
      expect.stringMatching(/^ {2}- LOG_LEVEL: .*"trace"\|"debug".*it is "loud"$/),
      '  - PROVIDER_URL is missing',
      expect.stringMatching(/^ {2}- RETRIES: .*it is "many"$/),
    ]);
  });

  it('never show a secret or a password', () => {
    const error = failure({
      ...good,
      DATABASE_URL: 'postgres://waybill:topsecret@db',
      SERVICE_SECRET: 'short-secret',
    });
    expect(error.message).toContain('SERVICE_SECRET: has fewer than 32 characters');
    expect(error.message).toContain('postgres://waybill:***@db');
    expect(error.message).not.toMatch(/topsecret|short-secret/);
  });

  it.each([{ NODE_ENV: 'production' }, { WAYBILL_DEPLOYED: 'true' }])(
    'refuse development secrets where %j',
    (deployed) => {
      const { problems } = failure({ ...good, ...deployed });
      expect(problems).toEqual([
        'SERVICE_SECRET has its development value, which a deployed service refuses',
        'PROVIDER_KEY has its development value, which a deployed service refuses',
      ]);
    },
  );

  it('refuse a development secret that was spelled out, too', () => {
    const { problems } = failure({ ...good, ...deployable, PROVIDER_KEY: 'sk_development' });
    expect(problems).toHaveLength(1);
  });

  it('take real secrets in a deployed service', () => {
    const [host, access] = read({ ...good, ...deployable });
    expect(host.deployed).toBe(true);
    expect(access.issuer).toBe('https://id.example.com/');
  });
});

const deployable = {
  NODE_ENV: 'production',
  AUTH_ISSUER: 'https://id.example.com/',
  AUTH_JWKS_URL: 'https://id.example.com/jwks.json',
  SERVICE_SECRET: 'f3b9c1d7e5a24486b0f1c2d3e4f5a6b7',
  PROVIDER_KEY: 'sk_live_1',
};
