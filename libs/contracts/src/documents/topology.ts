import type { Contract } from '@waybill/message';
import { kinds } from '@waybill/message';
import { z } from 'zod';

const topologySchema = z.array(
  z.strictObject({
    service: z.string(),
    /** The consumer group; a service that only publishes has its own name here. */
    group: z.string(),
    subscribesTo: z.array(
      z.strictObject({
        type: z.string(),
        kind: z.enum(kinds),
        /** Only messages with one of these values in each named attribute. */
        filter: z.record(z.string(), z.array(z.string()).readonly()).optional(),
        /** How often a message takes effect; default: effectively once, by the inbox. */
        delivery: z.literal('at least once').optional(),
      }),
    ),
    /** Live messages that each process of the service receives at most once, while it runs. */
    observes: z.array(z.string()).optional(),
    publishes: z.array(z.string()),
  }),
);

/** Which services subscribe to and publish which messages: one entry per service and group. */
export type Topology = z.output<typeof topologySchema>;

/** Reads a topology from JSON; throws when it names a message without a contract, or with another kind than its contract. */
export function topologyFrom(json: unknown, contracts: readonly Contract[]): Topology {
  const topology = topologySchema.parse(json);
  const known = new Map(contracts.map((contract) => [contract.type, contract.kind]));
  for (const { group, subscribesTo, observes = [], publishes } of topology) {
    const mismatch = subscribesTo.find(({ type, kind }) => known.get(type) !== kind);
    if (mismatch) {
      const { type, kind } = mismatch;
      throw new TypeError(
        `${group} subscribes to ${type} as ${kind}: its contract is ${known.get(type)}`,
      );
    }
    const unknown = publishes.find((type) => !known.has(type));
    if (unknown) throw new TypeError(`${group} says ${unknown}, which has no contract`);
    const kept = observes.find((type) => known.get(type) !== 'live');
    if (kept) throw new TypeError(`${group} observes ${kept}, which is no live message`);
  }
  return topology;
}
