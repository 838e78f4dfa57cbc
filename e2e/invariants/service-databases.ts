import { analyticsService } from '@waybill/analytics';
import { inventoryService } from '@waybill/inventory';
import { notificationService } from '@waybill/notification';
import { orderService } from '@waybill/order';
import { paymentService } from '@waybill/payment';
import { serviceDataSource } from '@waybill/persistence';
import { shippingService } from '@waybill/shipping';
import type { DataSource } from 'typeorm';

const definitions = {
  order: orderService,
  inventory: inventoryService,
  payment: paymentService,
  shipping: shippingService,
  notification: notificationService,
  analytics: analyticsService,
};
export type ServiceName = keyof typeof definitions;
/** The connection string of each service's database. */
export type DatabaseUrls = Readonly<Record<ServiceName, string>>;
export type DataSources = Readonly<Record<ServiceName, DataSource>>;

const names = Object.keys(definitions) as ServiceName[];

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
          entities: definitions[name].entities as (new () => object)[],
          poolSize: 1,
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
