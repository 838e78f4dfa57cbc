import type { Stored } from '@waybill/persistence';
import { Notification1763700000001 } from './migrations/1763700000001-notification.ts';
import { DeliveryEntity, PreferencesEntity } from './notification.entities.ts';
import { deliveries, preferences } from './notification.states.ts';

/** What notification stores. */
export const notificationStorage: Stored = {
  tables: [deliveries, preferences],
  entities: [DeliveryEntity, PreferencesEntity],
  migrations: [Notification1763700000001],
};
