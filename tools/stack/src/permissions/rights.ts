import { allContracts, channelOf } from '@waybill/contracts';
import type { Topology } from '@waybill/contracts/topology';

/** What a service needs of any broker. */
export interface Rights {
  /** Its groups: only this service reads their messages. */
  readonly groups: readonly string[];
  /** Channels that it publishes to. */
  readonly publishes: readonly string[];
  /** Those of `publishes` without a subscribing group. The publisher itself creates them. */
  readonly unsubscribed: readonly string[];
  /** Channels of live updates that it publishes or observes. */
  readonly updates: readonly string[];
  /** Channels that its groups subscribe to. */
  readonly receives: readonly string[];
  /** Types of requests that it answers. */
  readonly answers: readonly string[];
}

const contracts = new Map(allContracts.map((contract) => [contract.type, contract]));
const unique = (words: readonly string[]): string[] => [...new Set(words)].sort();

/** The rights of a service: only what it publishes and subscribes to in the topology. */
export function rightsOf(service: string, topology: Topology): Rights {
  const own = topology.filter((each) => each.service === service);
  const received = own.flatMap(({ subscribesTo }) => subscribesTo.map(({ type }) => type));
  const publishes = unique(own.flatMap((each) => each.publishes.flatMap(carriedOn)));
  const subscribedByAny = new Set(
    topology.flatMap(({ subscribesTo }) => subscribesTo.flatMap(({ type }) => carriedOn(type))),
  );
  const unsubscribed = publishes.filter((channel) => !subscribedByAny.has(channel));
  const live = unsubscribed.filter((channel) => channel.endsWith('.live'));
  const observed = own.flatMap(({ observes = [] }) => observes.flatMap(carriedOn));
  return {
    groups: unique(own.map(({ group }) => group)),
    publishes,
    unsubscribed,
    updates: unique([...live, ...observed]),
    receives: unique(received.flatMap(carriedOn)),
    answers: unique(received.filter(isRequest)),
  };
}

const isRequest = (type: string): boolean => contracts.get(type)?.kind === 'request';

/** Local messages never leave their service, and requests use channels of their own. */
function carriedOn(type: string): string[] {
  const contract = contracts.get(type);
  if (!contract || contract.kind === 'local' || contract.kind === 'request') return [];
  return [channelOf(contract)];
}
