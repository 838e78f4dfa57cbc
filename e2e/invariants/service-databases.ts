import { analyticsStorage } from '@waybill/analytics';
import { customerStorage } from '@waybill/customer';
import { inventoryStorage } from '@waybill/inventory';
import { notificationStorage } from '@waybill/notification';
import { orderStorage } from '@waybill/order';
import { paymentStorage } from '@waybill/payment';
import { serviceDataSource } from '@waybill/persistence';
import { shippingStorage } from '@waybill/shipping';
import type { DataSource } from 'typeorm';

const stored = {
  order: orderStorage,
  inventory: inventoryStorage,
  payment: paymentStorage,
  shipping: shippingStorage,
  notification: notificationStorage,
  analytics: analyticsStorage,
  customer: customerStorage,
};
export type ServiceName = keyof typeof stored;
/** The connection string of each service's database. */
export type DatabaseUrls = Readonly<Record<ServiceName, string>>;
export type DataSources = Readonly<Record<ServiceName, DataSource>>;

/** All checks of a service share one connection, on a machine that the system under test keeps busy. */
const patience = 60_000;
const timeouts = {
  statement_timeout: patience,
  query_timeout: patience,
  connectionTimeoutMillis: patience,
};

const names = Object.keys(stored) as ServiceName[];

/** Opens the database of every service for reading, and closes all of them after `use`. */
export async function withDatabases<R>(
  urls: DatabaseUrls,
  use: (databases: DataSources) => Promise<R>,
): Promise<R> {
  const opened: DataSource[] = [];
  try {
    const sources = await Promise.all(
      names.map(async (name) => {
        const source = serviceDataSource({
          url: urls[name],
          name: `${name}-invariants`,
          tables: stored[name].tables,
          poolSize: 1,
          timeouts,
        });
        opened.push(source);
        await source.initialize();
        return [name, source] as const;
      }),
    );
    return await use(Object.fromEntries(sources) as DataSources);
  } finally {
    await Promise.all(opened.map((source) => source.isInitialized && source.destroy()));
  }
}
