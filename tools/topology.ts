import { DiscoveryService } from '@nestjs/core';
import type { Topology } from '@waybill/contracts/documents';
import { type Handler, type Hears, handlersOf } from '@waybill/messaging';
import { declarationOf } from '@waybill/service';
import { messagesSaidBy } from './messages-said.ts';
import { compiledService, serviceModules } from './service-modules.ts';

type Subscription = Topology[number];

/** Which messages every service subscribes to and publishes, from its handlers and sources; starts nothing. */
export async function topologyOfServices(): Promise<Topology> {
  const services = await Promise.all(
    serviceModules.map(async (module) => {
      const { name } = declarationOf(module);
      const made = await compiledService(module);
      const hears = handlersOf(made.get(DiscoveryService, { strict: false }));
      return { name, hears, says: messagesSaidBy(name) };
    }),
  );
  return services
    .flatMap(({ name, hears, says }) => subscriptionsOf(name, hears, says))
    .filter(({ hears, says }) => hears.length > 0 || says.length > 0)
    .sort((a, b) => (`${a.service}/${a.group}` < `${b.service}/${b.group}` ? -1 : 1));
}

/** One entry per group; what the service publishes, and which requests it answers, is listed under its default group. */
function subscriptionsOf(service: string, hears: Hears, says: readonly string[]): Subscription[] {
  const groups = new Map<string, Subscription['hears']>([[service, []]]);
  const add = (group: string, heard: Subscription['hears'][number]): void => {
    groups.set(group, [...(groups.get(group) ?? []), heard]);
  };
  for (const handler of hears.handlers.filter(isHeardFromOutside)) {
    const { contract, options } = handler;
    const { filter } = options;
    const heard = { type: contract.type, kind: contract.kind, ...(filter ? { filter } : {}) };
    add(options.group ?? service, heard as Subscription['hears'][number]);
  }
  for (const { contract, group } of hears.sinks) add(group, pick(contract));
  for (const { request } of hears.responders) add(service, pick(request));
  return [...groups].map(([group, heard]) => ({
    service,
    group,
    hears: heard.sort((a, b) => (a.type < b.type ? -1 : 1)),
    says: group === service ? [...says] : [],
  }));
}

const isHeardFromOutside = ({ contract }: Handler): boolean => contract.kind !== 'local';

const pick = ({ type, kind }: Handler['contract']) => ({ type, kind });
