import { allContracts, channelOf } from '@waybill/contracts';
import type { Topology } from '@waybill/contracts/topology';

/** What a service needs of any broker. */
export interface Rights {
  /** Its groups: only this service reads their messages. */
  readonly groups: readonly string[];
  /** Channels that it publishes to. */
  readonly says: readonly string[];
  /** Those of `says` without a subscribing group. The publisher itself creates them. */
  readonly unheard: readonly string[];
  /** Those of `unheard` that are observed. */
  readonly live: readonly string[];
  /** Channels that its groups subscribe to. */
  readonly hears: readonly string[];
  /** Types of requests that it answers. */
  readonly answers: readonly string[];
}

const contracts = new Map(allContracts.map((contract) => [contract.type, contract]));
const unique = (words: readonly string[]): string[] => [...new Set(words)].sort();

/** The rights of a service: only what it publishes and subscribes to in the topology. */
export function rightsOf(service: string, topology: Topology): Rights {
  const own = topology.filter((each) => each.service === service);
  const said = own.flatMap(({ says }) => says);
  const heard = own.flatMap(({ hears }) => hears.map(({ type }) => type));
  const says = unique(said.flatMap(carriedOn));
  const heardByAny = new Set(
    topology.flatMap(({ hears }) => hears.flatMap(({ type }) => carriedOn(type))),
  );
  const unheard = says.filter((channel) => !heardByAny.has(channel));
  return {
    groups: unique(own.map(({ group }) => group)),
    says,
    unheard,
    live: unheard.filter((channel) => channel.endsWith('.live')),
    hears: unique(heard.flatMap(carriedOn)),
    answers: unique(heard.filter(isRequest)),
  };
}

const isRequest = (type: string): boolean => contracts.get(type)?.kind === 'request';

/** Local messages never leave their service, and requests use channels of their own. */
function carriedOn(type: string): string[] {
  const contract = contracts.get(type);
  if (!contract || contract.kind === 'local' || contract.kind === 'request') return [];
  return [channelOf(contract)];
}
