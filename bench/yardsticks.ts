import { bareAcceptsPerSecond } from './bare-accept.ts';
import { type BareRun, bareLoop } from './bare-loop.ts';
import { fsyncMicroseconds, naiveStepsPerSecond } from './machine.ts';
import { percentile } from './percentile.ts';
import { orderBody } from './shoppers.ts';
import { withPostgres } from './temporary-postgres.ts';
import {
  type Addresses,
  type MeasuredBrokers,
  openTransport,
} from './transports/open-transport.ts';

/** The limits of this machine, measured in the same run. */
export interface Yardsticks {
  readonly fsyncMicroseconds: number;
  /** C: commits per second of one step of a naive saga. */
  readonly naiveSteps: number;
  /** L: orders per second of the bare loop over the same brokers, with one in flight per shopper; null without a loop. */
  readonly bareOrders: number | null;
  /** The median milliseconds of its orders with one in flight; null without a loop. */
  readonly bareOrderMs: number | null;
  /** POSTs per second of bare Fastify with one insert. */
  readonly bareAccepts: number;
}

const warmUp = 2_500;
const singles = 300;
const connections = 64;

export function measureYardsticks(options: {
  orders: number;
  shoppers: number;
  brokers: MeasuredBrokers;
  addresses: Addresses;
}): Promise<Yardsticks> {
  return withPostgres(async (fresh, folder) => {
    const loop = async (
      name: string,
      orders: number,
      inFlight: number,
    ): Promise<BareRun | null> => {
      const transport = await openTransport(options.brokers, options.addresses);
      return transport && bareLoop(await fresh(name), orders, inFlight, transport);
    };
    await loop('warm_up', warmUp, options.shoppers);
    const many = await loop('bare_loop', options.orders, options.shoppers);
    const single = await loop('one_in_flight', singles, 1);
    const body = orderBody('LAPTOP-13');
    return {
      fsyncMicroseconds: fsyncMicroseconds(folder),
      naiveSteps: await naiveStepsPerSecond(await fresh('naive'), 4_000),
      bareOrders: many?.perSecond ?? null,
      bareOrderMs: single && percentile(single.betweenEndsMs, 0.5),
      bareAccepts: await bareAcceptsPerSecond(await fresh('bare_accept'), body, 4, connections),
    };
  });
}
