import process from 'node:process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { EmbeddedPostgres, freePort } from '@waybill/embedded-postgres';
import { programOf } from '@waybill/processes';
import { TestDataFolder } from '../system/data-folder.ts';
import { eventually } from '../system/eventually.ts';
import { type Ending, MainProcess, type Settings } from '../system/main-process.ts';
import { serversOfTests } from '../system/servers-of-tests.config.ts';

jest.setTimeout(120_000);
const orderMain = programOf('order');
const { KAFKA_BROKERS = '', RABBITMQ_URL = '', REDIS_URL = '' } = process.env;
const nowhere = 'postgres://order:carrot@127.0.0.1:1/waybill_order';
const secret = 'carrot';

describe('a service that is started with settings that cannot be right', () => {
  const started: MainProcess[] = [];
  const closing: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const each of started.splice(0)) await each.signal('SIGKILL');
    for (const close of closing.splice(0).reverse()) await close();
  });

  function folder(): TestDataFolder {
    const data = new TestDataFolder();
    closing.push(() => data.remove());
    return data;
  }

  function start(settings: Settings, data = folder()): MainProcess {
    const usual = {
      WAYBILL_DATA: data.path,
      PORT: '0',
      GRPC_PORT: '0',
      // The broker of a test may not support requests.
      INVENTORY_GRPC_URL: 'grpc://127.0.0.1:1',
      // Keys never go over the server of a broker.
      CUSTOMER_GRPC_URL: 'grpc://127.0.0.1:1',
      LOG_LEVEL: 'warn',
      // The AWS SDK warns of Node 20.
      NODE_NO_WARNINGS: '1',
    };
    const main = new MainProcess({ ...usual, ...settings }, orderMain);
    started.push(main);
    return main;
  }

  /** A PostgreSQL whose password is not `carrot`. */
  async function postgres(data: TestDataFolder, port = 0): Promise<EmbeddedPostgres> {
    const server = await EmbeddedPostgres.start({ dataDir: data.file('postgres'), port });
    closing.push(() => server.stop());
    return server;
  }

  function expectOneLine({ code, stderr }: Ending, says: RegExp): void {
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(says)]);
    expect(stderr).not.toContain(secret);
  }

  /** The servers of the tests; a variable of it is wrong. */
  const mixed = {
    ...serversOfTests,
    BROKERS: 'mixed',
    BROKER_NAMESPACE: 'startup',
    DATABASE_URL: nowhere,
  };
  const asMallory = (url: string): string => {
    const parsed = new URL(url);
    parsed.username = 'mallory';
    parsed.password = secret;
    return parsed.href;
  };

  it('tells in one line of a user whom a broker does not let in', async () => {
    const wrong: readonly (readonly [string, Settings])[] = [
      ['RABBITMQ_URL', { BROKERS: 'rabbitmq', RABBITMQ_URL: asMallory(RABBITMQ_URL) }],
      ['RABBITMQ_URL', { RABBITMQ_URL: asMallory(RABBITMQ_URL) }],
      ['KAFKA_PASSWORD', { KAFKA_USERNAME: 'mallory', KAFKA_PASSWORD: secret }],
      ['REDIS_URL', { REDIS_URL: asMallory(REDIS_URL) }],
    ];
    const tried = wrong.map(([setting, env]) => ({ setting, main: start({ ...mixed, ...env }) }));
    for (const { setting, main } of tried) {
      expectOneLine(await main.closed, new RegExp(`^order: .*${setting}`));
    }
  });

  it('tells of an address that belongs to something else', async () => {
    const { host } = new URL(REDIS_URL);
    const settings = { BROKERS: 'kafka', KAFKA_BROKERS: host, DATABASE_URL: nowhere };
    const main = start(settings);
    await eventually('the setting is named', async () => main.stderr.includes('KAFKA_BROKERS'));
    expect(main.stderr).not.toContain(secret);
  });

  it('tells of all settings that are missing', async () => {
    const main = start({ BROKERS: 'mixed', DATABASE_URL: nowhere, KAFKA_BROKERS });
    expectOneLine(
      await main.closed,
      /^order: BROKERS=mixed: RABBITMQ_URL is missing; AWS_REGION is missing; REDIS_URL is missing$/,
    );
  });

  it('tells of a wrong password of the database in one line', async () => {
    const data = folder();
    const server = await postgres(data);
    const url = new URL(server.url('postgres'));
    url.password = secret;
    const main = start({ BROKERS: 'kafka', KAFKA_BROKERS, DATABASE_URL: url.href }, data);
    expectOneLine(await main.closed, /^order: order cannot reach its database .*\(DATABASE_URL\)/);
  });

  it('waits for servers that are not up yet, says so once, and can be stopped meanwhile', async () => {
    const nobody = '127.0.0.1:1';
    const away: Settings = {
      RABBITMQ_URL: `amqp://me:${secret}@${nobody}`,
      KAFKA_BROKERS: nobody,
      AWS_ENDPOINT_URL: `http://${nobody}`,
      DATABASE_URL: nowhere,
    };
    const waiting = Object.entries(away).map(([setting, address]) => {
      const broker = setting === 'DATABASE_URL' ? { BROKERS: 'kafka' } : {};
      return { setting, main: start({ ...mixed, ...broker, [setting]: address }) };
    });
    for (const { setting, main } of waiting) {
      await eventually('it waits', async () => main.stderr.includes('order: waiting: '));
      const { code, stderr } = await main.signal('SIGTERM');
      expect([code, stderr.match(/waiting/g)?.length]).toEqual([0, 1]);
      expect(stderr).toContain(setting);
      expect(stderr).not.toContain(secret);
    }
  });

  it('goes on as soon as they are up', async () => {
    const data = folder();
    const port = await freePort(0);
    const own = await freePort(0);
    const first = await postgres(data, port);
    const DATABASE_URL = first.url('postgres');
    await first.stop();
    const main = start({ BROKERS: 'embedded', DATABASE_URL, PORT: String(own) }, data);
    await eventually('it waits', async () => main.stderr.includes('order: waiting: '));
    await postgres(data, port);
    await eventually('it listens', async () => {
      const answer = await fetch(`http://127.0.0.1:${own}/health/live`);
      await answer.arrayBuffer();
      return answer.ok;
    });
    expect(main.stderr).toContain('messages do not leave this process');
    expect((await main.signal('SIGTERM')).code).toBe(0);
  });
});
