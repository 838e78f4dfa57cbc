import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  ActivityRecorded,
  decode,
  encode,
  newId,
  parseData,
  partitionOf,
} from '@waybill/contracts';
import { kafkaBroker } from '@waybill/kafka';
import { type Broker, claimChecked, type Delivery, type Group } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import { rabbitmqBroker } from '@waybill/rabbitmq';
import { root } from './repository.ts';

jest.setTimeout(120_000);

const scripts = join(root, 'examples', 'python');
const packages = join(root, '.waybill', 'cache', 'python');
const namespace = `test-${randomUUID().slice(0, 8)}`;
const children: ChildProcess[] = [];

/** Installs the packages of the example beside those of the stack, unless they are there. */
function installPackages(): void {
  const requirements = join(scripts, 'requirements.txt');
  const stamp = join(packages, '.requirements');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  mkdirSync(packages, { recursive: true });
  const words = ['install', '--quiet', '--upgrade', '--target', packages];
  execFileSync('pip3', [...words, '-r', requirements], { stdio: 'pipe' });
  writeFileSync(stamp, wanted);
}

/** A program of the example, and the lines that it has printed. */
class Script {
  readonly lines: string[] = [];
  readonly ended: Promise<number | null>;
  private complaint = '';

  constructor(name: string, words: readonly string[]) {
    const child = spawn('python3', [join(scripts, name), ...words], {
      env: { ...process.env, PYTHONPATH: packages },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.lines.push(...text.split('\n').filter(Boolean));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.complaint += text;
    });
    this.ended = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Resolves with its lines when it has ended well. */
  async result(): Promise<readonly string[]> {
    if ((await this.ended) !== 0) throw new Error(this.complaint);
    return this.lines;
  }
}

const groups = (['order.events', 'analytics.activity'] as const).map(
  (channel): Group => ({
    name: `${channel}-group`,
    kind: channel === 'order.events' ? 'event' : 'activity',
    partitions: 4,
    bindings: [{ channel, pattern: '#' }],
  }),
);
const sample = decode(
  readFileSync(join(root, 'libs', 'contracts', 'samples', 'order.placed.v1.json'), 'utf8'),
);

beforeAll(installPackages, 120_000);
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe.each([
  [
    'kafka',
    () => kafkaBroker({ service: 'test', brokers: process.env['KAFKA_BROKERS'] ?? '', namespace }),
  ],
  [
    'rabbitmq',
    () => rabbitmqBroker({ service: 'test', url: process.env['RABBITMQ_URL'] ?? '', namespace }),
  ],
] as const)('programs in Python on %s', (name, open) => {
  const place = name === 'kafka' ? '--topic' : '--exchange';
  let broker: Broker;
  beforeAll(async () => {
    broker = open();
    await broker.declare(groups);
  }, 60_000);
  afterAll(() => broker.close());

  it('receive what a service publishes, compressed or not', async () => {
    const own = name === 'kafka' ? '--group' : '--queue';
    const consumer = new Script(`${name}_consumer.py`, [
      ...[place, `${namespace}.order.events`, own, `${namespace}.python`, '--count', '3'],
    ]);
    const sent: string[] = [];
    const publish = () => {
      const envelope = { ...sample, id: newId() };
      sent.push(envelope.id);
      claimChecked(broker, { compressAbove: sent.length % 2 === 0 ? 100 : 1_000_000 }).publish(
        [{ channel: 'order.events', envelope, body: encode(envelope) }],
        () => {},
      );
    };
    // A queue of RabbitMQ receives only what is published once it is there.
    const publishing = setInterval(publish, 250);
    const lines = await consumer.result().finally(() => clearInterval(publishing));
    const shown = lines.map((line) => JSON.parse(line));
    expect(shown.map(({ type, key }) => [type, key])).toEqual(
      Array(3).fill([sample.type, sample.key]),
    );
    expect(sent).toEqual(expect.arrayContaining(shown.map(({ id }) => id)));
  });

  it('publish what a service accepts, in the partition of its key', async () => {
    const came: Delivery[] = [];
    await broker.subscribe('analytics.activity-group', {
      assigned: async () => undefined,
      revoked: () => undefined,
      deliver: (delivery) => {
        came.push(delivery);
        delivery.ack();
      },
    });
    const words = [place, `${namespace}.analytics.activity`, '--session', 'Zoë 🚚', '--sku', 'X-1'];
    const [id] = await new Script(`${name}_producer.py`, words).result();
    await until(() => came.length === 1);
    const [delivery] = came;
    const envelope = decode(delivery?.body ?? '');
    expect(envelope).toMatchObject({ id, key: 'Zoë 🚚', type: ActivityRecorded.type });
    expect(parseData(ActivityRecorded, envelope.data).properties).toEqual({ sku: 'X-1' });
    expect(delivery?.partition).toBe(partitionOf('Zoë 🚚', 4));
  });
});
