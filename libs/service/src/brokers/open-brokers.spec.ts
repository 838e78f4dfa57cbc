import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { ActivityRecorded, decode } from '@waybill/contracts';
import { embeddedBroker } from '@waybill/embedded-broker';
import { localhostCertificate } from '@waybill/grpc/testing';
import { type Broker, guaranteeing, type Outgoing } from '@waybill/messaging';
import { brokerProblems, brokersNamed, openBrokers } from './open-brokers.ts';
import { makers } from './server-brokers.ts';

const everywhere = {
  KAFKA_BROKERS: 'kafka-1:9092,kafka-2:9092',
  RABBITMQ_URL: 'amqp://shop:carrot@rabbit:5672/shop',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'waybill',
  AWS_SECRET_ACCESS_KEY: 'sesame',
  REDIS_URL: 'redis://shop:radish@redis:6379',
};

const tooLarge = {
  channel: 'order.events',
  body: 'x'.repeat(65_537),
  envelope: { id: 'large', type: 'order.placed', key: 'k', data: null },
} as unknown as Outgoing;

async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
  try {
    await openBrokers(env, { service: 'order' });
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('the brokers of a process', () => {
  it('are made as the setting says, and connect to nothing yet', async () => {
    const mixed = await openBrokers({ ...everywhere, BROKERS: 'mixed' }, { service: 'order' });
    const kinds = [
      'event',
      'command',
      'reply',
      'task',
      'announcement',
      'activity',
      'live',
    ] as const;
    expect(kinds.map((kind) => mixed.brokerFor(kind).name)).toEqual([
      ...['kafka', 'rabbitmq', 'rabbitmq', 'rabbitmq', 'sns-sqs', 'kafka', 'redis'],
    ]);
    expect(mixed.requests?.name).toBe('rabbitmq');
    await mixed.close();
  }, 60_000);

  it('send bodies of more than 64 KiB by the store that BLOBS names, apart from other blobs', async () => {
    const BLOBS = await mkdtemp(join(tmpdir(), 'waybill-blobs-'));
    try {
      for (const [env, stored] of [
        [{}, 0],
        [{ BLOBS, CLAIM_CHECK_ABOVE_BYTES: '65537' }, 0],
        [{ BLOBS }, 1],
      ] as const) {
        const settings = { ...everywhere, ...env, BROKERS: 'rabbitmq' };
        const brokers = await openBrokers(settings, { service: 'order' });
        await brokers.close();
        const told = await new Promise<Error | undefined>((resolve) =>
          brokers.brokerFor('event').publish([tooLarge], (_, error) => resolve(error)),
        );
        // The body was stored before publishing failed, because the broker is closed.
        expect(told).toMatchObject({ code: 'broker_closed' });
        expect(await readdir(BLOBS)).toEqual(stored ? ['claims'] : []);
      }
    } finally {
      await rm(BLOBS, { recursive: true });
    }
    expect(await refusal({ ...everywhere, BROKERS: 'kafka', BLOBS: 'ftp://x' })).toBe(
      'BROKERS=kafka: BLOBS is neither a folder nor s3://bucket/prefix',
    );
    expect(await brokerProblems({ COMPRESS_ABOVE_BYTES: '0', CLAIM_CHECK_DAYS: 'ever' })).toEqual([
      'COMPRESS_ABOVE_BYTES is less than 1024',
      'CLAIM_CHECK_DAYS is not a number',
    ]);
    expect(await brokerProblems({ BLOBS: 'ftp://x' })).toEqual([
      'BLOBS is neither a folder nor s3://bucket/prefix',
    ]);
  });

  it.each([
    ['true', 'application/protobuf'],
    ['false', undefined],
  ])(
    'publish contracts with a codec by it, unless CODECS is set otherwise: %s',
    async (CODECS, contentType) => {
      const sent: Outgoing[] = [];
      const guarantees = guaranteeing('durable', 'orderedPerKey', 'requests');
      const publish = (messages: readonly Outgoing[]) => sent.push(...messages);
      const made = {
        name: 'rabbitmq',
        guarantees,
        largest: 1_000_000,
        publish,
        close: async () => {},
      };
      const making = jest.spyOn(makers, 'rabbitmq').mockResolvedValue(made as unknown as Broker);
      const brokers = await openBrokers(
        { ...everywhere, BROKERS: 'rabbitmq', CODECS },
        { service: 'order' },
      );
      making.mockRestore();
      const { type } = ActivityRecorded;
      const body = readFileSync(
        new URL(`../../../contracts/samples/${type}.v1.json`, import.meta.url),
        'utf8',
      );
      const activity = { channel: 'activity', body, envelope: decode(body) } as Outgoing;
      brokers.brokerFor('activity').publish([activity], () => {});
      expect(sent.map(({ wire }) => wire?.contentType)).toEqual([contentType]);
    },
  );

  it.each(['kafka', 'rabbitmq', 'sns-sqs'])('are one where %s is named', async (name) => {
    const embedded = () => embeddedBroker();
    const settings = { ...everywhere, BROKERS: name };
    const brokers = await openBrokers(settings, { service: 'order', embedded });
    expect(brokers.all().map((broker) => broker.name)).toEqual([name]);
    expect(brokers.requests?.name).toBe(name === 'rabbitmq' ? name : undefined);
    await brokers.close();
  });

  it('are the embedded one without a setting, where the host has one', async () => {
    const host = { service: 'all-in-one', embedded: () => embeddedBroker() };
    const brokers = await openBrokers({ BROKERS: '' }, host);
    expect(brokers.all().map(({ name }) => name)).toEqual(['embedded']);
    await expect(openBrokers({}, { service: 'order' })).rejects.toThrow('it needs embedded');
    await brokers.close();
  });

  it('tell the embedded one how much to keep, within bounds', async () => {
    const told: unknown[] = [];
    const embedded = (bounds: unknown) => {
      told.push(bounds);
      return embeddedBroker();
    };
    const open = (env: Readonly<Record<string, string>>) =>
      openBrokers(env, { service: 'all-in-one', embedded });
    await open({});
    await open({ BROKER_LOG_MIB: '8', BROKER_LOG_DAYS: '14' });
    const day = 86_400_000;
    expect(told).toEqual([
      { mostBytes: 67_108_864, mostAgeMs: 7 * day },
      { mostBytes: 8_388_608, mostAgeMs: 14 * day },
    ]);
    const wrong = { BROKER_LOG_MIB: '257', BROKER_LOG_DAYS: '0' };
    const reasons = ['BROKER_LOG_MIB is more than 256', 'BROKER_LOG_DAYS is less than 1'];
    await expect(open(wrong)).rejects.toThrow(reasons.join('; '));
    expect(await brokerProblems(wrong)).toEqual(reasons);
    const tooLong = (INBOX_RETENTION: string) =>
      brokerProblems({ BROKER_LOG_DAYS: '8', INBOX_RETENTION });
    expect(await tooLong('10d')).toEqual([]);
    expect(await tooLong('9d')).toEqual([
      'BROKER_LOG_DAYS is too many: INBOX_RETENTION must be an eighth longer, at least',
    ]);
  });

  it('are refused with authorities that are only half written, or are none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'waybill-authorities-'));
    const { cert, key } = localhostCertificate;
    const told = async (content: Buffer) => {
      const KAFKA_CA_FILE = join(folder, 'ca.crt');
      await writeFile(KAFKA_CA_FILE, content);
      return brokerProblems({ BROKERS: 'kafka', KAFKA_BROKERS: 'kafka:9092', KAFKA_CA_FILE });
    };
    try {
      expect(await told(Buffer.concat([Buffer.from('# ours\n'), cert, cert]))).toEqual([]);
      const broken = ['KAFKA_CA_FILE names a file with a certificate that is broken (PEM)'];
      expect(await told(cert.subarray(0, 300))).toEqual(broken);
      expect(await told(Buffer.concat([cert, cert.subarray(0, -30)]))).toEqual(broken);
      expect(await told(key)).toEqual(['KAFKA_CA_FILE names a file without a certificate (PEM)']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('are refused with everything that is missing or wrong, and no value', async () => {
    expect(await refusal({ BROKERS: 'mixed', RABBITMQ_URL: 'http://shop:carrot@rabbit' })).toBe(
      'BROKERS=mixed: KAFKA_BROKERS is missing; RABBITMQ_URL is no URL such as amqp://user:password@host:5672/vhost; AWS_REGION is missing; REDIS_URL is missing',
    );
    expect(await refusal({ BROKERS: 'kafka', KAFKA_BROKERS: 'kafka' })).toContain(
      'KAFKA_BROKERS is not a list such as host:9092,other:9092',
    );
    const half = { KAFKA_BROKERS: 'kafka:9092', KAFKA_USERNAME: 'shop', KAFKA_CA_FILE: '/no/file' };
    const told = await refusal({ BROKERS: 'kafka', ...half });
    expect(told).toContain('KAFKA_PASSWORD is missing');
    expect(told).toContain('KAFKA_CA_FILE names a file that does not exist');
    for (const [path, says] of [
      ['/dev/null', 'KAFKA_CA_FILE names a file without a certificate (PEM)'],
      ['/', 'KAFKA_CA_FILE names a file that cannot be read (EISDIR)'],
    ] as const) {
      expect(await refusal({ ...half, BROKERS: 'kafka', KAFKA_CA_FILE: path })).toContain(says);
    }
    expect(await refusal({ ...everywhere, BROKER_NAMESPACE: 'My Tests' })).toContain(
      'BROKER_NAMESPACE is not a word',
    );
  });

  it('have problems that are told before anything is made', async () => {
    expect(await brokerProblems({ ...everywhere, BROKERS: 'mixed' })).toEqual([]);
    expect(await brokerProblems({})).toEqual([]);
    expect(await brokerProblems({ BROKERS: 'mixed', KAFKA_BROKERS: 'kafka:9092' })).toEqual([
      'RABBITMQ_URL is missing',
      'AWS_REGION is missing',
      'REDIS_URL is missing',
    ]);
    const [unknown] = await brokerProblems({ BROKERS: 'carrier-pigeon' });
    expect(unknown).toContain('no broker "carrier-pigeon"');
  });

  it('are refused where a kind would lack what it needs', async () => {
    expect(await refusal({ ...everywhere, BROKERS: 'mixed,event:redis' })).toContain(
      'redis cannot carry event',
    );
    expect(await refusal({ BROKERS: 'carrier-pigeon' })).toContain('no broker "carrier-pigeon"');
  });

  it('are known by name before anything is given', async () => {
    expect(await brokersNamed('mixed')).toEqual(['kafka', 'rabbitmq', 'sns-sqs', 'redis']);
    expect(await brokersNamed('kafka')).toEqual(['kafka']);
    expect(await brokersNamed('rabbitmq,event:kafka')).toEqual(['kafka', 'rabbitmq']);
  });
});
