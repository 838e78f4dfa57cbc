import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FolderBlobs } from '@waybill/blobs';
import type { Broker } from '@waybill/messaging';
import {
  type BrokerUnderTest,
  brokerConformance,
  type Capability,
  capabilities,
  countsOf,
  FaultProxy,
} from '@waybill/messaging/testing';
import type { SnsSqsOptions } from './options.ts';
import { snsSqsBroker } from './sns-sqs-broker.ts';

const server = new URL(process.env['AWS_ENDPOINT_URL'] ?? 'http://127.0.0.1:4566');
/** What SNS/SQS does not promise; the README says why. */
const lacks: readonly Capability[] = [
  'confirmsCommit',
  'shared',
  'spread',
  'priority',
  'delayed',
  'replayed',
  'bounded',
];
const visibilitySeconds = 3;
const quickly = {
  waitSeconds: 1,
  leaseSeconds: 3,
  visibilitySeconds,
  holdSeconds: 3,
  drainMs: 1_500,
};

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function make(): Promise<BrokerUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-blobs-'));
  const blobs = new FolderBlobs(folder);
  const namespace = `t${randomUUID().slice(0, 8)}`;
  const proxies = new Map<Broker, FaultProxy>();
  const made: Broker[] = [];
  const open = async (options: Partial<SnsSqsOptions> = {}): Promise<Broker> => {
    const proxy = await FaultProxy.open({ host: server.hostname, port: Number(server.port) });
    const endpoint = `http://127.0.0.1:${proxy.port}`;
    const broker = snsSqsBroker({
      service: 'test',
      namespace,
      endpoint,
      blobs,
      ...quickly,
      ...options,
    });
    proxies.set(broker, proxy);
    made.push(broker);
    return broker;
  };
  const broker = await open();
  const proxyOf = (of: Broker) => proxies.get(of) as FaultProxy;
  return {
    broker,
    stranger: await open({ namespace: `s${namespace}` }),
    size: 0,
    inHandOfKey: 1,
    visibilityTimeout: visibilitySeconds * 1_000,
    now: () => new Date(),
    pass: wait,
    quiet: () => wait(400),
    another: () => open(),
    crash: (of) => proxyOf(of).close(),
    cutConnections: async () => proxyOf(broker).cut(),
    loseAnswers: async () => {
      proxyOf(broker).set({ silent: 'down' });
      return async () => {
        proxyOf(broker).set({});
        proxyOf(broker).cut();
      };
    },
    end: async () => {
      await Promise.all(made.map((each) => each.close()));
      await rm(folder, { recursive: true });
      await Promise.all([...proxies.values()].map((proxy) => proxy.close().catch(() => undefined)));
    },
  };
}

const has = Object.fromEntries(
  Object.keys(capabilities).map((name) => [name, !lacks.includes(name as Capability)]),
) as Record<Capability, boolean>;

const result = brokerConformance('sns-sqs', make, has, { timeoutMs: 25_000 });

describe('the file conformance.json', () => {
  it('says what this suite proves', () => {
    const file = readFileSync(new URL('../conformance.json', import.meta.url), 'utf8');
    expect(JSON.parse(file)).toEqual(countsOf(result));
  });
});
