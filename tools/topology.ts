import { analyticsService } from '@waybill/analytics';
import type { Topology } from '@waybill/contracts/documents';
import { inventoryService } from '@waybill/inventory';
import {
  type Handler,
  type Hears,
  handlersOf,
  Ingest,
  Requests,
  Submitter,
} from '@waybill/messaging';
import { notificationService } from '@waybill/notification';
import { orderService } from '@waybill/order';
import { paymentService } from '@waybill/payment';
import { serviceDataSource } from '@waybill/persistence';
import {
  CLOCK,
  CONFIG,
  createApp,
  createLog,
  Disk,
  Draining,
  EventStreams,
  Health,
  hostedModule,
  LiveUpdates,
  LOGGER,
  Metrics,
  readSettings,
  type ServiceDefinition,
  ServiceTokens,
} from '@waybill/service';
import { shippingService } from '@waybill/shipping';
import { messagesSaidBy } from './messages-said.ts';

/** Every service that has handlers. What they are configured by does not matter here. */
const definitions = [
  orderService,
  inventoryService,
  paymentService,
  shippingService,
  notificationService,
  analyticsService,
] as unknown as readonly ServiceDefinition[];

type Subscription = Topology[number];

/** Who hears and says what, from the handlers and sources of every service; starts nothing. */
export async function topologyOfServices(): Promise<Topology> {
  const services = await Promise.all(
    definitions.map(async (definition) => {
      const { name } = definition;
      return {
        name,
        hears: await hearsOf(definition),
        says: messagesSaidBy(name),
      };
    }),
  );
  return services
    .flatMap(({ name, hears, says }) => subscriptionsOf(name, hears, says))
    .filter(({ hears, says }) => hears.length > 0 || says.length > 0)
    .sort((a, b) => (`${a.service}/${a.group}` < `${b.service}/${b.group}` ? -1 : 1));
}

/** What the handlers of a service hear, found as its start finds them: its application is made, and not initialised. */
async function hearsOf(definition: ServiceDefinition): Promise<Hears> {
  const { name } = definition;
  const [config] = readSettings(name, {}, [definition.config]);
  const clock = { now: () => new Date(0), after: () => () => {} };
  const log = createLog({ service: name, level: 'silent' });
  const metrics = new Metrics(name);
  const tokens = new ServiceTokens(name, 'x'.repeat(32), clock);
  const dataSource = serviceDataSource({ url: 'postgres://nobody@nowhere/nothing', name });
  const unused = {};
  const { app } = await createApp({
    module: hostedModule(moduleOf(definition, config), [
      { provide: CONFIG, useValue: config },
      { provide: CLOCK, useValue: clock },
      { provide: LOGGER, useValue: log },
      { provide: Metrics, useValue: metrics },
      { provide: ServiceTokens, useValue: tokens },
      { provide: dataSource.constructor, useValue: dataSource },
      ...[Submitter, Requests, Ingest, LiveUpdates, EventStreams, Draining, Health, Disk].map(
        (provide) => ({
          provide,
          useValue: unused,
        }),
      ),
    ]),
    log,
    clock,
    metrics,
    verifier: { verify: () => Promise.reject(new Error('nobody calls')) },
    serviceTokens: tokens,
  });
  return handlersOf(app);
}

/** A module is a class, what makes one is not. */
function moduleOf(
  { module }: ServiceDefinition,
  config: unknown,
): Parameters<typeof hostedModule>[0] {
  const isClass = Function.prototype.toString.call(module).startsWith('class');
  return isClass
    ? (module as Parameters<typeof hostedModule>[0])
    : (module as (settings: unknown) => Parameters<typeof hostedModule>[0])(config);
}

/** One entry a group; what the service says, and which requests it answers, stands with its default group. */
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
