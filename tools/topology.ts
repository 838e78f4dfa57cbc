import type { Type } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { AnalyticsModule } from '@waybill/analytics';
import type { Topology } from '@waybill/contracts/documents';
import { InventoryModule } from '@waybill/inventory';
import {
  embeddedBroker,
  type Handler,
  type Hears,
  handlersOf,
  oneBroker,
  Storage,
} from '@waybill/messaging';
import { NotificationModule } from '@waybill/notification';
import { OrderModule } from '@waybill/order';
import { PaymentModule } from '@waybill/payment';
import { serviceDataSource } from '@waybill/persistence';
import { declarationOf, HOST, type Host } from '@waybill/service';
import { ShippingModule } from '@waybill/shipping';
import { DataSource } from 'typeorm';
import { messagesSaidBy } from './messages-said.ts';

/** Every service that has handlers. What they are configured by does not matter here. */
const modules: readonly Type[] = [
  OrderModule,
  InventoryModule,
  PaymentModule,
  ShippingModule,
  NotificationModule,
  AnalyticsModule,
];

type Subscription = Topology[number];

/** Who hears and says what, from the handlers and sources of every service; starts nothing. */
export async function topologyOfServices(): Promise<Topology> {
  const services = await Promise.all(
    modules.map(async (module) => {
      const { name } = declarationOf(module);
      return { name, hears: await hearsOf(module), says: messagesSaidBy(name) };
    }),
  );
  return services
    .flatMap(({ name, hears, says }) => subscriptionsOf(name, hears, says))
    .filter(({ hears, says }) => hears.length > 0 || says.length > 0)
    .sort((a, b) => (`${a.service}/${a.group}` < `${b.service}/${b.group}` ? -1 : 1));
}

/** What the handlers of a service hear, found as its start finds them: its application is made, and not initialised. */
async function hearsOf(module: Type): Promise<Hears> {
  const env = { DATABASE_URL: 'postgres://nobody@nowhere/nothing', LOG_LEVEL: 'silent' };
  const verify = () => Promise.reject(new Error('nobody calls'));
  const host: Host = { env, brokers: oneBroker(embeddedBroker()), tokenVerifier: { verify } };
  const dataSource = serviceDataSource({ url: env.DATABASE_URL, name: 'nobody' });
  const made = await Test.createTestingModule({ imports: [module] })
    .overrideProvider(HOST)
    .useValue(host)
    .overrideProvider(DataSource)
    .useValue(dataSource)
    .overrideProvider(Storage)
    .useValue({})
    .compile();
  return handlersOf(made.get(DiscoveryService, { strict: false }));
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
