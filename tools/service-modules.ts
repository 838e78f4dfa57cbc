import type { Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { AnalyticsModule } from '@waybill/analytics';
import { CustomerModule } from '@waybill/customer';
import { embeddedBroker } from '@waybill/embedded-broker';
import { InventoryModule } from '@waybill/inventory';
import { oneBroker, Storage } from '@waybill/messaging';
import { NotificationModule } from '@waybill/notification';
import { OrderModule } from '@waybill/order';
import { PaymentModule } from '@waybill/payment';
import { serviceDataSource } from '@waybill/persistence';
import { type Environment, HOST, type Host } from '@waybill/service';
import { ShippingModule } from '@waybill/shipping';
import { DataSource } from 'typeorm';

/** The module of every service. */
export const serviceModules: readonly Type[] = [
  OrderModule,
  InventoryModule,
  PaymentModule,
  ShippingModule,
  NotificationModule,
  AnalyticsModule,
  CustomerModule,
];

/** A service as its start creates it, but not initialised: it connects to nothing, and settings that are not given are placeholders. */
export function compiledService(module: Type, given: Environment = {}): Promise<TestingModule> {
  const placeholders = { DATABASE_URL: 'postgres://nobody@nowhere/nothing', LOG_LEVEL: 'silent' };
  const env = { ...placeholders, ...given };
  const verify = () => Promise.reject(new Error('no request is served'));
  const host: Host = { env, brokers: oneBroker(embeddedBroker()), tokenVerifier: { verify } };
  const dataSource = serviceDataSource({ url: placeholders.DATABASE_URL, name: 'nobody' });
  return Test.createTestingModule({ imports: [module] })
    .overrideProvider(HOST)
    .useValue(host)
    .overrideProvider(DataSource)
    .useValue(dataSource)
    .overrideProvider(Storage)
    .useValue({})
    .compile();
}
