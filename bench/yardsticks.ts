import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@waybill/persistence/embedded';
import { bareAcceptsPerSecond } from './bare-accept.ts';
import { bareLoop } from './bare-loop.ts';
import { fsyncMicroseconds, naiveStepsPerSecond } from './machine.ts';
import { orderBody } from './shoppers.ts';

/** What this machine can do at most, measured in the same run. */
export interface Yardsticks {
  readonly fsyncMicroseconds: number;
  /** C: commits a second of one step of a naive saga. */
  readonly naiveSteps: number;
  /** L: orders a second of the bare loop. */
  readonly bareOrders: number;
  /** POSTs a second of bare Fastify with one insert. */
  readonly bareAccepts: number;
}

export async function measureYardsticks(options: {
  orders: number;
  connections: number;
}): Promise<Yardsticks> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-yardsticks-'));
  // PostgreSQL does not run as root: its user must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await EmbeddedPostgres.start({ dataDir: join(folder, 'postgres') });
  const fresh = async (name: string): Promise<string> => {
    await postgres.ensureDatabase(name);
    return postgres.url(name);
  };
  try {
    await bareLoop(await fresh('warm_up'), Math.ceil(options.orders / 4), 400);
    return {
      fsyncMicroseconds: fsyncMicroseconds(folder),
      naiveSteps: await naiveStepsPerSecond(await fresh('naive'), 4_000),
      bareOrders: await bareLoop(await fresh('bare_loop'), options.orders, 400),
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
