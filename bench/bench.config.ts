import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Sizes } from './load.ts';
import type { Layout, WhichSandboxes } from './system.ts';
import {
  type Addresses,
  type MeasuredBrokers,
  measuredBrokers,
} from './transports/open-transport.ts';

/** The options of one run. */
export interface BenchOptions {
  readonly sizes: Sizes;
  readonly brokers: readonly MeasuredBrokers[];
  readonly sandboxes: readonly WhichSandboxes[];
  readonly layouts: readonly Layout[];
  /** Whether processes are killed to measure how soon their work continues. */
  readonly recovery: boolean;
  /** Whether DBOS is installed for the run and measured too. */
  readonly peers: boolean;
  /** Whether to profile only: where the time of an order goes. */
  readonly profile: boolean;
  /** Whether to measure only how far the list of customers is behind. */
  readonly lag: boolean;
  /** Whether to measure only what traces cost. */
  readonly traces: boolean;
  /** Whether to measure only the events a second of the pipeline of analytics. */
  readonly streams: boolean;
  /** Whether to measure only what idle WebSockets and streams cost. */
  readonly connections: boolean;
  /** Whether to measure only how clients learn of changes. */
  readonly clients: boolean;
  /** The number of finished orders for a second measurement; null: only the empty system is measured. */
  readonly aged: number | null;
  /** Addresses of the brokers; servers without one are started for the run. */
  readonly addresses: Addresses;
}

export const help = `npm run bench -- [flags] measures this machine and the system in one run, and checks the invariants

  --brokers LIST     of ${measuredBrokers.join(', ')}; default embedded
  --sandboxes LIST   of in-process, http: where the provider and the carriers are; default both
  --layout LIST      of one, processes: everything in one process, or a process a service; default one
  --orders N         orders of a round; default 6000
  --rounds N         rounds, of which the median counts; default 3
  --quick            one round of 1000 orders, and less of everything else
  --recovery         also how soon the work of a killed process goes on (real brokers)
  --backlog N        also how fast N orders go on that have waited for a killed broker (real brokers that the bench has started)
  --peers            also DBOS with five steps in one process; npm installs it into a temporary folder for this run
  --profile          only what an order costs: Node by phase and function, PostgreSQL by statement and table
  --lag              only how far the list of customers is behind their changes, beside orders
  --traces           only the orders a second while none, 10 % and all of them are traced
  --streams          only the activities a second that the pipeline of analytics computes, beside a bare loop of its deliveries
  --clients          only how late, and for how many requests and bytes, clients learn of an order: polling, webhook, stream, socket
  --connections      only the memory of 5,000 idle WebSockets and 500 streams
  --aged             only how fast the system is with a million finished orders beside none (some 15 GB of disk)
  --aged-orders N    so many instead of a million
  --help             this text

KAFKA_BROKERS, RABBITMQ_URL, AWS_ENDPOINT_URL and REDIS_URL name servers; those that are not named are started for the
run. Other settings of the services, such as PROFILE, are taken from the environment too.
`;

/** Null when help is requested. */
export function benchOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      orders: { type: 'string' },
      rounds: { type: 'string' },
      brokers: { type: 'string', default: 'embedded' },
      sandboxes: { type: 'string', default: 'in-process,http' },
      layout: { type: 'string', default: 'one' },
      recovery: { type: 'boolean', default: false },
      backlog: { type: 'string', default: '0' },
      peers: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      lag: { type: 'boolean', default: false },
      connections: { type: 'boolean', default: false },
      clients: { type: 'boolean', default: false },
      traces: { type: 'boolean', default: false },
      streams: { type: 'boolean', default: false },
      aged: { type: 'boolean', default: false },
      'aged-orders': { type: 'string', default: '1000000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { quick } = values;
  return {
    sizes: {
      warmUp: quick ? 2_500 : 3_000,
      orders: count('--orders', values.orders ?? (quick ? '1000' : '6000'), 1),
      rounds: count('--rounds', values.rounds ?? (quick ? '1' : '3'), 1),
      unloaded: quick ? 50 : 200,
      idleSeconds: quick ? 3 : 10,
      shoppers: 128,
      backlog: count('--backlog', values.backlog, 0),
    },
    brokers: chosen('--brokers', values.brokers, measuredBrokers),
    sandboxes: chosen('--sandboxes', values.sandboxes, ['in-process', 'http']),
    layouts: chosen('--layout', values.layout, ['one', 'processes']),
    recovery: values.recovery,
    peers: values.peers,
    profile: values.profile,
    lag: values.lag,
    clients: values.clients,
    traces: values.traces,
    streams: values.streams,
    connections: values.connections,
    aged: values.aged ? count('--aged-orders', values['aged-orders'], 1) : null,
    addresses: { ...process.env },
  };
}

function count(name: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${name}: "${text}" is not a whole number from ${least}`);
}

function chosen<T extends string>(name: string, list: string, known: readonly T[]): T[] {
  return list.split(',').map((word) => {
    const found = known.find((each) => each === word.trim());
    if (found) return found;
    throw new Error(`${name}: there is no "${word}"; there are ${known.join(', ')}`);
  });
}
