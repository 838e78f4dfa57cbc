import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { EmbeddedPostgres } from '@waybill/embedded-postgres';
import { TestDataFolder } from '../../system/data-folder.ts';

jest.setTimeout(120_000);
const main = fileURLToPath(new URL('../../../services/order/dist/main.js', import.meta.url));
const nobody = '127.0.0.1:1';

interface Wrong {
  readonly setting: string;
  readonly env: Readonly<Record<string, string>>;
}

const withUser = (url: string): string => {
  const parsed = new URL(url);
  parsed.username = 'mallory';
  parsed.password = 'sesame-open';
  return parsed.href;
};

/** Invalid settings: the service reports the problem and ends. */
const refused: readonly (readonly [string, () => Wrong])[] = [
  [
    'a broker that does not exist',
    () => ({ setting: 'BROKERS', env: { BROKERS: 'carrier-pigeon' } }),
  ],
  [
    'no address of Kafka',
    () => ({ setting: 'KAFKA_BROKERS', env: { KAFKA_BROKERS: 'sesame-open' } }),
  ],
  [
    'no URL of RabbitMQ',
    () => ({ setting: 'RABBITMQ_URL', env: { RABBITMQ_URL: 'http://me:sesame-open@x' } }),
  ],
  [
    'no URL of SNS/SQS',
    () => ({ setting: 'AWS_ENDPOINT_URL', env: { AWS_ENDPOINT_URL: 'sesame-open' } }),
  ],
  ['no region of SNS/SQS', () => ({ setting: 'AWS_REGION', env: { AWS_REGION: '' } })],
  [
    'no URL of Redis',
    () => ({ setting: 'REDIS_URL', env: { REDIS_URL: 'http://:sesame-open@x' } }),
  ],
  [
    'a password without a user of Kafka',
    () => ({ setting: 'KAFKA_USERNAME', env: { KAFKA_PASSWORD: 'sesame-open' } }),
  ],
  [
    'a user whom Kafka does not let in',
    () => ({
      setting: 'KAFKA_PASSWORD',
      env: { KAFKA_USERNAME: 'mallory', KAFKA_PASSWORD: 'sesame-open' },
    }),
  ],
  [
    'a user whom RabbitMQ does not know',
    () => ({ setting: 'RABBITMQ_URL', env: { RABBITMQ_URL: withUser(given('RABBITMQ_URL')) } }),
  ],
  [
    'a user whom Redis does not know',
    () => ({ setting: 'REDIS_URL', env: { REDIS_URL: withUser(given('REDIS_URL')) } }),
  ],
];

/** Addresses without a server yet: the service reports it once and waits, because servers may start later. */
const waited: readonly (readonly [string, Wrong])[] = [
  ['Kafka', { setting: 'KAFKA_BROKERS', env: { KAFKA_BROKERS: nobody } }],
  [
    'RabbitMQ',
    { setting: 'RABBITMQ_URL', env: { RABBITMQ_URL: `amqp://me:sesame-open@${nobody}` } },
  ],
  ['SNS/SQS', { setting: 'AWS_ENDPOINT_URL', env: { AWS_ENDPOINT_URL: `http://${nobody}` } }],
  [
    'PostgreSQL',
    { setting: 'DATABASE_URL', env: { DATABASE_URL: `postgres://me:sesame-open@${nobody}/x` } },
  ],
];

const given = (name: string): string => process.env[name] ?? '';

describe('a service whose settings are wrong', () => {
  const data = new TestDataFolder();
  let postgres: EmbeddedPostgres;

  beforeAll(async () => {
    postgres = await EmbeddedPostgres.start({ dataDir: data.file('postgres'), port: 0 });
  });
  afterAll(async () => {
    await postgres?.stop();
    await data.remove();
  });

  /** Runs the service until it ends or has printed `enough`; resolves with its lines and its exit code, null if still running. */
  function run({ env }: Wrong, enough: RegExp): Promise<{ code: number | null; lines: string[] }> {
    const namespace = `wrong-${process.pid}`;
    const more = { BROKERS: 'mixed', BROKER_NAMESPACE: namespace, PORT: '0', LOG_LEVEL: 'error' };
    const child = spawn(process.execPath, [main], {
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        DATABASE_URL: postgres.url('postgres'),
        ...more,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    // Lines for people begin with the service's name; libraries may print warnings before.
    const lines = (): string[] => printed.split('\n').filter((line) => line.startsWith('order: '));
    return new Promise((resolve) => {
      let isEnough = false;
      for (const output of [child.stdout, child.stderr]) {
        output.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
          isEnough ||= enough.test(printed);
          if (isEnough) child.kill('SIGKILL');
        });
      }
      child.once('close', (code) => resolve({ code: isEnough ? null : code, lines: lines() }));
    });
  }

  it.each(refused)('says in one line which setting is wrong, and ends: %s', async (_, wrong) => {
    const what = wrong();
    const { code, lines } = await run(what, /$^/);
    expect([lines, code]).toEqual([[expect.stringContaining(what.setting)], 1]);
    expect(lines[0]).not.toContain('sesame-open');
  });

  it.each(waited)(
    'says in one line which setting to look at while %s does not answer',
    async (_, wrong) => {
      const { code, lines } = await run(wrong, /waiting: .*\n/);
      expect([lines, code]).toEqual([[expect.stringContaining(wrong.setting)], null]);
      expect(lines[0]).not.toContain('sesame-open');
    },
  );
});
