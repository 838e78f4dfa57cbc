import { defineService } from '@waybill/service';
import { notificationConfig } from './notification.config.ts';
import { NotificationModule } from './notification.module.ts';
import { Notification1763700000001 } from './storage/migrations/1763700000001-notification.ts';
import { DeliveryEntity, PreferencesEntity } from './storage/notification.entities.ts';
import { deliveries, preferences } from './storage/notification.states.ts';

/** Tells customers how their orders went. */
export const notificationService = defineService({
  name: 'notification',
  port: 8085,
  config: notificationConfig,
  module: NotificationModule,
  tables: [deliveries, preferences],
  entities: [DeliveryEntity, PreferencesEntity],
  migrations: [Notification1763700000001],
});
