import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { redisBroker } from './redis-broker.ts';
import type { RedisOptions } from './redis-options.ts';
import { liveMessage, publish, until } from './testing/live.fixture.ts';
import { OwnRedis } from './testing/own-redis.ts';

jest.setTimeout(30_000);

const password = 's3cret/#?pass';
const escaped = encodeURIComponent(password);
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

function brokerOf(options: Omit<RedisOptions, 'service'>) {
  const troubles: string[] = [];
  const broker = redisBroker({
    service: 'test',
    onTrouble: (what, error) => troubles.push(`${what}: ${JSON.stringify(error)} ${error.message}`),
    ...options,
  });
  endings.push(() => broker.close());
  return { broker, troubles };
}

/** The error of the first `declare`. */
async function refusal(options: Omit<RedisOptions, 'service'>) {
  const { broker, troubles } = brokerOf(options);
  const error = await broker.declare([]).then(
    () => undefined,
    (refused: Error) => refused,
  );
  return { message: error?.message ?? '', all: JSON.stringify([error, error?.stack, troubles]) };
}

async function secured(settings: readonly string[]): Promise<OwnRedis> {
  const redis = await OwnRedis.start(settings);
  endings.push(() => redis.kill());
  return redis;
}

describe('a Redis with a password', () => {
  it('takes the right one, whatever characters it has', async () => {
    const { port } = await secured(['--requirepass', password]);
    const { broker } = brokerOf({ url: `redis://:${escaped}@127.0.0.1:${port}` });
    await broker.declare([]);
    expect(await publish(broker, liveMessage('a'))).toEqual(['ok']);
  });

  it.each([
    ['wrong', ':wrong-password@', 'wrong-password'],
    ['missing', '', 'nothing to hide'],
    ['that of nobody', 'somebody:wrong-password@', 'wrong-password'],
  ])('refuses one that is %s in one line that does not show it', async (_, who, hidden) => {
    const { port } = await secured(['--requirepass', password]);
    const { message, all } = await refusal({ url: `redis://${who}127.0.0.1:${port}` });
    expect(message).toMatch(/^REDIS_URL is not what Redis at 127\.0\.0\.1:\d+ accepts: [^\n]+$/);
    expect(all).not.toContain(hidden);
  });

  it('refuses a stranger also where it lets in whoever says nothing', async () => {
    const { port } = await secured([]);
    const { message, all } = await refusal({ url: `redis://mallory:open-up@127.0.0.1:${port}` });
    expect(message).toMatch(/^REDIS_URL is not what Redis at 127\.0\.0\.1:\d+ accepts: [^\n]+$/);
    expect(all).not.toContain('open-up');
  });

  it('is tried again without haste, and heals when the password is set', async () => {
    const redis = await secured(['--requirepass', password]);
    const { broker, troubles } = brokerOf({ url: `redis://:other@127.0.0.1:${redis.port}` });
    await expect(broker.declare([])).rejects.toThrow('REDIS_URL');
    const { broker: admin } = brokerOf({ url: `redis://:${escaped}@127.0.0.1:${redis.port}` });
    await admin.declare([]);
    execFileSync(
      'redis-cli',
      ['-p', String(redis.port), '-a', password, 'CONFIG', 'SET', 'requirepass', 'other'],
      {
        stdio: 'ignore',
      },
    );
    await until('it is connected', () => broker.state() === 'connected');
    expect(troubles.length).toBe(1);
  });
});

describe('a Redis with users', () => {
  const acl = (name: string, rules: string) =>
    ['--user', name, ...`on >${name}-password resetchannels ${rules}`.split(' ')] as const;

  it('lets a user do what it needs with its own channels and no more commands', async () => {
    const { port } = await secured(
      acl(
        'order',
        '&waybill:live:* +auth +ping +publish +subscribe +unsubscribe +psubscribe +punsubscribe',
      ),
    );
    const { broker, troubles } = brokerOf({
      url: `redis://order:order-password@127.0.0.1:${port}`,
    });
    await broker.declare([]);
    const seen: string[] = [];
    broker.observe('order.updated.#', ({ key }) => seen.push(`one ${key}`));
    broker.observe('#', ({ key }) => seen.push(`all ${key}`));
    await until('it is subscribed', () => broker.listens);
    expect(await publish(broker, liveMessage('a'))).toEqual(['ok']);
    await until('both received', () => seen.length === 2);
    expect(seen.sort()).toEqual(['all a', 'one a']);
    expect(troubles).toEqual([]);
  });

  it('tells once of a subscription that the user may not have, and still publishes', async () => {
    const { port } = await secured(acl('order', '&waybill:live:order +@all'));
    const { broker, troubles } = brokerOf({
      url: `redis://order:order-password@127.0.0.1:${port}`,
    });
    await broker.declare([]);
    const seen: string[] = [];
    broker.observe('payment.#', () => undefined);
    broker.observe('order.#', ({ key }) => seen.push(key));
    await until('it is told', () => troubles.length > 0);
    expect(troubles).toEqual([
      expect.stringMatching(/^redis refuses to subscribe waybill:live:payment: .*NOPERM/),
    ]);
    expect(await publish(broker, liveMessage('a'))).toEqual(['ok']);
    await until('what it may receive is received', () => seen.includes('a'));
    const foreign = liveMessage('b', { routingKey: 'payment.updated.v1' });
    expect(await publish(broker, foreign)).toEqual(['invalid_broker_setting']);
  });
});

describe('a Redis with TLS', () => {
  let folder = '';
  const file = (name: string) => join(folder, name);
  const openssl = (...words: readonly string[]) =>
    execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-redis-'));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=ca',
      '-days',
      '2',
    );
    openssl(
      'req',
      '-x509',
      ...key,
      '-keyout',
      'x.key',
      '-out',
      'other.pem',
      '-subj',
      '/CN=x',
      '-days',
      '2',
    );
    openssl(
      'req',
      ...key,
      '-keyout',
      'server.key',
      '-out',
      'server.csr',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
    );
    openssl(
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-copy_extensions',
      'copy',
      '-out',
      'server.pem',
      '-days',
      '2',
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const withTls = () =>
    secured([
      ...[
        '--tls-port',
        '{port}',
        '--tls-auth-clients',
        'no',
        '--tls-cert-file',
        file('server.pem'),
      ],
      ...['--tls-key-file', file('server.key'), '--tls-ca-cert-file', file('ca.pem')],
    ]);

  it('is trusted by the authority that the setting names', async () => {
    const { port } = await withTls();
    const { broker } = brokerOf({ url: `rediss://localhost:${port}`, caFile: file('ca.pem') });
    await broker.declare([]);
    const seen: string[] = [];
    broker.observe('#', ({ key }) => seen.push(key));
    await until('it is subscribed', () => broker.listens);
    expect(await publish(broker, liveMessage('a'))).toEqual(['ok']);
    await until('it received', () => seen.length === 1);
  });

  it('is refused without its authority, with another, and under another name', async () => {
    const { port } = await withTls();
    const url = `rediss://localhost:${port}`;
    const refused = [
      await refusal({ url }),
      await refusal({ url, caFile: file('other.pem') }),
      await refusal({ url: `rediss://127.0.0.1:${port}`, caFile: file('ca.pem') }),
    ];
    for (const { message } of refused)
      expect(message).toMatch(
        /^REDIS_URL leads to \S+ by TLS, whose certificate is not trusted \([^\n]+$/,
      );
  });

  it('may be given up at any moment of a handshake, refused or not', async () => {
    const { port } = await withTls();
    for (let n = 0; n < 60; n += 1) {
      const authority = file(n % 2 ? 'ca.pem' : 'other.pem');
      const { broker } = brokerOf({ url: `rediss://localhost:${port}`, caFile: authority });
      const declared = broker.declare([]).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, n / 4));
      await broker.close();
      await declared;
      expect(broker.state()).toBe('closed');
    }
  });

  it('is said to be wanted where the server has none', async () => {
    const { port } = await secured([]);
    const { broker, troubles } = brokerOf({ url: `rediss://127.0.0.1:${port}` });
    await broker.declare([]);
    expect(troubles).toEqual([
      expect.stringMatching(/REDIS_URL: nothing answers at 127\.0\.0\.1:\d+ by TLS/),
    ]);
  });

  it('is told of where the setting does not ask for it', async () => {
    const { port } = await withTls();
    const { broker, troubles } = brokerOf({ url: `redis://127.0.0.1:${port}` });
    await broker.declare([]);
    expect(troubles).toEqual([
      expect.stringMatching(/REDIS_URL: nothing answers at 127\.0\.0\.1:\d+ \(/),
    ]);
  });
});
