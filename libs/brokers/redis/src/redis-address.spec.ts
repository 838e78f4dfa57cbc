import { describe, expect, it } from '@jest/globals';
import { BrokerAway, InvalidBrokerSetting } from '@waybill/messaging';
import { addressFrom } from './redis-address.ts';
import { redisBroker } from './redis-broker.ts';
import { explained } from './redis-errors.ts';

describe('the address of a Redis', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379 }, 'localhost:6379'],
    ['redis://127.0.0.1:7000/3', { host: '127.0.0.1', port: 7000, db: 3 }, '127.0.0.1:7000'],
    [
      'redis://ada:p%40ss%2Fword@cache:6380',
      { host: 'cache', port: 6380, username: 'ada', password: 'p@ss/word' },
      'cache:6380',
    ],
    ['redis://:only@cache', { host: 'cache', port: 6379, password: 'only' }, 'cache:6379'],
    ['redis://[::1]:6379', { host: '::1', port: 6379 }, '[::1]:6379'],
    [
      'rediss://cache',
      { host: 'cache', port: 6379, tls: { servername: 'cache' } },
      'cache:6379 by TLS',
    ],
    ['rediss://10.0.0.1', { host: '10.0.0.1', port: 6379, tls: {} }, '10.0.0.1:6379 by TLS'],
  ])('is read from %s', (url, client, place) => {
    expect(addressFrom(url, undefined)).toEqual({ client, place });
  });

  it.each([
    '',
    'cache:6379',
    'http://cache:6379',
    'redis://',
    'redis://user:hush-hush#x@cache:6379',
    'redis://user:hush-hush/x@cache:6379',
    'redis://user:hush-hush?x@cache:6379',
    'redis://user:hush-hush%zz@cache:6379',
    'redis://cache:99999',
    'redis://cache/hush-hush',
    'redis://cache?password=hush-hush',
  ])('is refused when it is %j, without repeating it', (url) => {
    const make = () => redisBroker({ url, service: 'test' });
    expect(make).toThrow(InvalidBrokerSetting);
    expect(make).toThrow(/^REDIS_URL is no URL such as [^\n]+$/);
    expect(make).not.toThrow(/hush/);
  });

  it('names the file of the authority that cannot be read', () => {
    const make = () =>
      redisBroker({ url: 'rediss://cache', caFile: '/nowhere/ca.pem', service: 'test' });
    expect(make).toThrow('REDIS_CA_FILE cannot be read: /nowhere/ca.pem (ENOENT)');
  });
});

describe('what is wrong with a connection', () => {
  const replied = (message: string) =>
    Object.assign(new Error(message), {
      name: 'ReplyError',
      command: { name: 'auth', args: ['ada', 'hush-hush'] },
    });
  const coded = (code: string) => Object.assign(new Error(`${code} at hush-hush`), { code });

  it.each([
    [replied('WRONGPASS invalid username-password pair or user is disabled.'), /password is wrong/],
    [replied('NOAUTH Authentication required.'), /user or password is wrong/],
    [replied("NOPERM this user has no permissions to run the 'ping' command"), /may not do this/],
    [coded('SELF_SIGNED_CERT_IN_CHAIN'), /REDIS_CA_FILE names its authority/],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), /certificate is not trusted/],
    [coded('EPROTO'), /does not speak TLS/],
    [Object.assign(new Error('x'), { name: 'ParserError' }), /is no Redis/],
  ])('is a setting when %s', (error, says) => {
    const told = explained(error, 'cache:1');
    expect(told).toBeInstanceOf(InvalidBrokerSetting);
    expect(told.message).toMatch(says);
    expect(JSON.stringify([told, told.message, told.stack])).not.toContain('hush');
  });

  it.each([
    coded('ECONNREFUSED'),
    coded('ETIMEDOUT'),
    coded('EAI_AGAIN'),
    new Error('Command timed out'),
    coded('ENOTFOUND'),
    replied('LOADING Redis is loading the dataset in memory'),
  ])('passes when %s', (error) => {
    const told = explained(error, 'cache:1');
    expect(told).toBeInstanceOf(BrokerAway);
    expect(told.message).toMatch(/^REDIS_URL: nothing answers at cache:1 \([^\n]+\)$/);
    expect(told).toMatchObject({ code: 'broker_away', countsAsAttempt: false });
  });
});

describe('a broker for live messages', () => {
  const broker = redisBroker({ url: 'redis://127.0.0.1:1', service: 'test' });

  it('promises nothing of what durable messages need', () => {
    expect(new Set(Object.values(broker.guarantees))).toEqual(new Set([false]));
  });

  it('refuses groups and consumers, and says what they need', async () => {
    const group = { name: 'order', kind: 'event', partitions: 1, bindings: [] } as const;
    await expect(broker.declare([group])).rejects.toThrow(
      'redis carries live messages only: group order of kind event needs a broker that keeps messages',
    );
    await expect(broker.subscribe('order')).rejects.toMatchObject({ code: 'not_promised' });
  });

  it('has nothing to count', async () => {
    expect(await broker.stats()).toEqual([]);
  });

  it('refuses a pattern whose first word is half a wildcard', () => {
    expect(() => broker.observe('ord*.x', () => undefined)).toThrow('is not a topic pattern');
  });
});
