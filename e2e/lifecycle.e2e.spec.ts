import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import process from 'node:process';
import { afterEach, describe, expect, it } from '@jest/globals';
import { programOf } from '@waybill/processes';
import { seededRandom } from '@waybill/testing';
import { openRequestTests } from './inside/open-requests.tests.ts';
import { chosenSeed } from './system/chosen-seed.config.ts';
import { TestDataFolder } from './system/data-folder.ts';
import { eventually } from './system/eventually.ts';
import { type Ending, MainProcess, type Settings } from './system/main-process.ts';
import { brokenPromises, Shoppers } from './system/shoppers.ts';
import { useSystem } from './system/test-system.ts';

const longestStop = 10_000;
/** The connection was refused, or ended before the response. */
const gone = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

describe('starting and stopping', () => {
  const system = useSystem();
  const folders: TestDataFolder[] = [];

  afterEach(async () => {
    for (const folder of folders.splice(0)) await folder.remove();
  });

  /** Starts a system that cannot run, in a folder of its own. */
  function startInVain(settings: Settings, folder = new TestDataFolder()): Promise<Ending> {
    if (!folders.includes(folder)) folders.push(folder);
    return new MainProcess({ WAYBILL_DATA: folder.path, PORT: '0', ...settings }).closed;
  }

  /** Expects one line that names the problem, and no stack trace. */
  function expectOneLine({ code, stderr }: Ending, says: RegExp): void {
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(says)]);
  }

  it('refuses a port that is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const ending = await startInVain({ PORT: String(port) });
    await new Promise((resolve) => other.close(resolve));
    expectOneLine(ending, new RegExp(`port ${port} is in use`));
  });

  it('refuses a data folder that another system uses, and leaves that one alone', async () => {
    const ending = await new MainProcess({ WAYBILL_DATA: system().data.path, PORT: '0' }).closed;
    expectOneLine(ending, /is in use by process \d+/);
    expect((await (await system().as('ada')).buy()).status).toBe('confirmed');
  });

  it('refuses it also where somebody has removed its lock, and leaves the other one alone', async () => {
    rmSync(system().data.file('lock'));
    const ending = await new MainProcess({ WAYBILL_DATA: system().data.path, PORT: '0' }).closed;
    expectOneLine(ending, /is in use by process \d+/);
    expect((await (await system().as('ada')).buy()).status).toBe('confirmed');
  });

  it.each([['format', /format is empty: write waybill-data-1 into it/]])(
    'names the file %s that a power cut has emptied',
    async (name, says) => {
      const folder = new TestDataFolder();
      writeFileSync(folder.file(name), '');
      expectOneLine(await startInVain({}, folder), says);
    },
  );

  it.each([
    ['carriers', { CARRIERS_DATA_FILE: 'carriers.ledger', CARRIERS_PORT: '0' }],
    ['payment-provider', { PAYMENT_PROVIDER_DATA_FILE: 'books', PAYMENT_PROVIDER_PORT: '0' }],
  ] as const)(
    'ends the %s quietly when their parent is gone before they listen',
    async (name, env) => {
      const folder = new TestDataFolder();
      folders.push(folder);
      const child = spawn(process.execPath, [programOf(name)], {
        cwd: folder.path,
        env,
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const published = new Promise((resolve) => child.stderr?.once('close', resolve));
      child.disconnect();
      const [code] = await Promise.all([ended, published]);
      expect([code, stderr]).toEqual([0, '']);
    },
  );

  it('refuses a data folder of another version', async () => {
    const folder = new TestDataFolder();
    writeFileSync(folder.file('format'), 'waybill-data-999\n');
    expectOneLine(await startInVain({}, folder), /another version \(waybill-data-999/);
  });

  it.each([
    [{ PORT: 'eighty' }, /PORT/],
    [{ BROKERS: 'carrier-pigeon' }, /no broker "carrier-pigeon"/],
    [{ BROKERS: 'kafka' }, /BROKERS=kafka: KAFKA_BROKERS is missing/],
    [
      { BROKERS: 'mixed', RABBITMQ_URL: 'http://bunny:carrot@127.0.0.1' },
      /KAFKA_BROKERS is missing; RABBITMQ_URL is no URL such as (?!.*carrot)/,
    ],
    [{ PAYMENT_GIVE_UP_AFTER: 'soon' }, /PAYMENT_GIVE_UP_AFTER/],
  ] as const)('names the setting that is wrong: %j', async (settings, says) => {
    const { code, stderr } = await startInVain(settings);
    expect(code).toBe(1);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  openRequestTests(system, {
    doors: () => {
      const { url, sandboxes } = system().data.whereabouts();
      return [url, sandboxes.paymentProvider.url, sandboxes.carriers.url];
    },
    waiting: 200,
  });

  it('stops within ten seconds while customers order, and forgets no order of theirs', async () => {
    const ada = await system().as('ada');
    const shoppers = new Shoppers(ada, seededRandom(chosenSeed));
    const slow = { payment: { method: 'card', token: 'tok_slow' } };
    let underWay: string;
    shoppers.start();
    try {
      await shoppers.reach(20, 60_000);
      underWay = (await ada.placeOrder(slow)).body.id;
      const started = performance.now();
      const { code, stderr } = await system().stop();
      expect(performance.now() - started).toBeLessThan(longestStop);
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('died')]);
      expect(system().data.postgresPid()).toBeUndefined();
      await system().start();
      await shoppers.stop();
    } catch (error) {
      await shoppers.abandon();
      throw error;
    }
    expect((await ada.settled(underWay)).status).toBe('confirmed');
    expect(shoppers.surprises).toEqual([]);
    // All other errors came from the system being down for a while.
    expect([...shoppers.errors].filter((each) => !gone.has(each))).toEqual([]);
    expect(shoppers.errors.size).toBeGreaterThan(0);
    expect(await system().verify()).toEqual([]);
    expect(await brokenPromises(ada, shoppers.bought)).toEqual([]);
  });

  it('gives the first answer to an idempotency key again after a crash', async () => {
    const ada = await system().as('ada');
    const first = await ada.placeOrder({ note: 'kept' }, 'k'.repeat(255));
    await system().kill9();
    await system().start();
    const again = await ada.placeOrder({ note: 'kept' }, 'k'.repeat(255));
    expect(again.status).toBe(202);
    expect(again.bytes.equals(first.bytes)).toBe(true);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await ada.settled(first.body.id)).status).toBe('confirmed');
  });

  it('has counted the orders that it could not answer, also when all of it is started anew', async () => {
    const [ada, ops] = [await system().as('ada'), await system().as('ops')];
    let unanswered = 0;
    await eventually('many orders are not answered', async () => {
      await system().kill9One('postgres');
      const placed = await Promise.all(Array.from({ length: 30 }, () => ada.placeOrderOnce()));
      unanswered += placed.filter(({ status }) => status >= 500).length;
      return unanswered >= 30;
    });
    await system().acceptsAgain();
    expect((await system().stop()).code).toBe(0);
    await system().start();
    const burnt = () =>
      eventually('the new process knows of them', async () => {
        const { services } = await ops.read('/health', {});
        const checks = services.flatMap((service) => service.checks);
        return checks.some(({ name, value }) => name === 'slo-accepts-fast' && Number(value) > 14);
      });
    await burnt();
    await system().kill9All();
    await system().start();
    await burnt();
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
