import { DiscoveryService } from '@nestjs/core';
import type { Topology } from '@waybill/contracts/documents';
import { type Handler, handlersOf, type ServiceHandlers } from '@waybill/messaging';
import { declarationOf } from '@waybill/service';
import { messagesObservedBy, messagesPublishedBy } from './messages-published.ts';
import { compiledService, serviceModules } from './service-modules.ts';

type Subscription = Topology[number];

/** Which messages every service subscribes to and publishes, from its handlers and sources; starts nothing. */
export async function topologyOfServices(): Promise<Topology> {
  const services = await Promise.all(
    serviceModules.map(async (module) => {
      const { name, dataKeys } = declarationOf(module);
      const requested = dataKeys ? [dataKeys.contract.type] : [];
      const made = await compiledService(module);
      const subscribesTo = handlersOf(made.get(DiscoveryService, { strict: false }));
      const deleted = dataKeys ? [dataKeys.deleted.type] : [];
      return {
        name,
        subscribesTo,
        observes: [...messagesObservedBy(name), ...deleted].sort(),
        publishes: [...messagesPublishedBy(name), ...requested].sort(),
      };
    }),
  );
  // The gateway has no handlers, and no database that they could commit to.
  const gateway = { service: 'gateway', group: 'gateway', subscribesTo: [], publishes: [] };
  return services
    .flatMap(({ name, subscribesTo, observes, publishes }) =>
      subscriptionsOf(name, subscribesTo, { observes, publishes }),
    )
    .filter(
      ({ subscribesTo, observes, publishes }) =>
        subscribesTo.length > 0 || publishes.length > 0 || observes !== undefined,
    )
    .concat({ ...gateway, observes: messagesObservedBy('gateway') })
    .sort((a, b) => (`${a.service}/${a.group}` < `${b.service}/${b.group}` ? -1 : 1));
}

/** One entry per group; what the service publishes, observes and answers is listed under its default group. */
function subscriptionsOf(
  service: string,
  subscribesTo: ServiceHandlers,
  { observes, publishes }: Readonly<Record<'observes' | 'publishes', string[]>>,
): Subscription[] {
  const groups = new Map<string, Subscription['subscribesTo']>([[service, []]]);
  const add = (group: string, subscribed: Subscription['subscribesTo'][number]): void => {
    groups.set(group, [...(groups.get(group) ?? []), subscribed]);
  };
  for (const handler of subscribesTo.handlers.filter(isReceivedFromOutside)) {
    const { contract, options } = handler;
    const { filter } = options;
    const subscribed = { type: contract.type, kind: contract.kind, ...(filter ? { filter } : {}) };
    add(options.group ?? service, subscribed as Subscription['subscribesTo'][number]);
  }
  for (const { contract, group } of subscribesTo.batchConsumers)
    add(group, { ...pick(contract), delivery: 'at least once' });
  // Responders with different names answer the same request.
  const requests = new Set(subscribesTo.responders.map(({ request }) => request));
  for (const request of requests) add(service, pick(request));
  return [...groups].map(([group, subscribed]) => ({
    service,
    group,
    subscribesTo: subscribed.sort((a, b) => (a.type < b.type ? -1 : 1)),
    ...(group === service && observes.length > 0 ? { observes } : {}),
    publishes: group === service ? publishes : [],
  }));
}

const isReceivedFromOutside = ({ contract }: Handler): boolean => contract.kind !== 'local';

const pick = ({ type, kind }: Handler['contract']) => ({ type, kind });
