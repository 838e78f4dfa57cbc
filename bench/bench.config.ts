import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  type Addresses,
  type MeasuredBrokers,
  measuredBrokers,
} from './transports/open-transport.ts';
import type { Layout, Sizes, WhichSandboxes } from './workload.ts';

/** What one run measures. */
export interface BenchOptions {
  readonly sizes: Sizes;
  readonly brokers: readonly MeasuredBrokers[];
  readonly sandboxes: readonly WhichSandboxes[];
  readonly layouts: readonly Layout[];
  /** Whether processes are killed to see how soon their work goes on. */
  readonly recovery: boolean;
  /** Whether it is only looked where the time of an order goes. */
  readonly profile: boolean;
  /** Where the brokers are; what is not given is started for the run. */
  readonly addresses: Addresses;
}

/**
 * Reads `npm run bench -- [--brokers embedded,kafka,…] [--sandboxes in-process,http] [--layout one,processes]
 * [--quick] [--orders N] [--rounds N] [--recovery] [--profile]`; the addresses of brokers come from the environment.
 */
export function benchOptions(args: readonly string[]): BenchOptions {
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
      profile: { type: 'boolean', default: false },
    },
  });
  return {
    sizes: {
      warmUp: values.quick ? 500 : 3_000,
      orders: Number(values.orders ?? (values.quick ? 1_000 : 6_000)),
      rounds: Number(values.rounds ?? (values.quick ? 1 : 3)),
      unloaded: values.quick ? 30 : 200,
      idleSeconds: values.quick ? 3 : 10,
      shoppers: 128,
    },
    brokers: chosen('--brokers', values.brokers, measuredBrokers),
    sandboxes: chosen('--sandboxes', values.sandboxes, ['in-process', 'http']),
    layouts: chosen('--layout', values.layout, ['one', 'processes']),
    recovery: values.recovery,
    profile: values.profile,
    addresses: { ...process.env },
  };
}

function chosen<T extends string>(name: string, list: string, known: readonly T[]): T[] {
  return list.split(',').map((word) => {
    const found = known.find((each) => each === word.trim());
    if (found) return found;
    throw new Error(`${name}: there is no "${word}"; there are ${known.join(', ')}`);
  });
}
