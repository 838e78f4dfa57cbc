import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@waybill/persistence/embedded';
import { bareAcceptsPerSecond } from './bare-accept.ts';
import { bareLoop } from './bare-loop.ts';
import { fsyncMicroseconds, naiveStepsPerSecond } from './machine.ts';
import { orderBody } from './shoppers.ts';
import {
  type Addresses,
  type MeasuredBrokers,
  openTransport,
} from './transports/open-transport.ts';

/** What this machine can do at most, measured in the same run. */
export interface Yardsticks {
  readonly fsyncMicroseconds: number;
  /** C: commits a second of one step of a naive saga. */
  readonly naiveSteps: number;
  /** L: orders a second of the bare loop over the same brokers; null where there is none. */
  readonly bareOrders: number | null;
  /** POSTs a second of bare Fastify with one insert. */
  readonly bareAccepts: number;
}

export async function measureYardsticks(options: {
  orders: number;
  connections: number;
  brokers: MeasuredBrokers;
  addresses: Addresses;
}): Promise<Yardsticks> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-yardsticks-'));
  // PostgreSQL does not run as root: its user must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await EmbeddedPostgres.start({ dataDir: join(folder, 'postgres') });
  const fresh = async (name: string): Promise<string> => {
    await postgres.ensureDatabase(name);
    return postgres.url(name);
  };
  const loop = async (name: string, orders: number): Promise<number | null> => {
    const transport = await openTransport(options.brokers, options.addresses);
    return transport && bareLoop(await fresh(name), orders, 400, transport);
  };
  try {
    await loop('warm_up', Math.ceil(options.orders / 4));
    return {
      fsyncMicroseconds: fsyncMicroseconds(folder),
      naiveSteps: await naiveStepsPerSecond(await fresh('naive'), 4_000),
      bareOrders: await loop('bare_loop', options.orders),
      bareAccepts: await bareAcceptsPerSecond(
        await fresh('bare_accept'),
        orderBody('LAPTOP-13'),
        4,
        options.connections,
      ),
    };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
