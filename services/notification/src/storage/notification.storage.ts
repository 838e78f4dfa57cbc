import type { Stored } from '@waybill/persistence';
import { serviceMigrations } from '@waybill/service';
import { workJobs, workMigrations } from '@waybill/work-queue';
import { AcceptMinuteEntity } from './accept-minute.entity.ts';
import { AlertEntity, ObservationEntity, SilenceEntity } from './alert.entities.ts';
import { Notification1763700000001 } from './migrations/1763700000001-notification.ts';
import { ReturnEmails1796500000002 } from './migrations/1796500000002-return-emails.ts';
import { TimesOfDeliveries1796750000004 } from './migrations/1796750000004-times-of-deliveries.ts';
import { SentEmails1796808100001 } from './migrations/1796808100001-sent-emails.ts';
import { Webhooks1796808200001 } from './migrations/1796808200001-webhooks.ts';
import { Alerts1796812000001 } from './migrations/1796812000001-alerts.ts';
import { NewestDeliveries1797600000001 } from './migrations/1797600000001-newest-deliveries.ts';
import { AcceptMinutes1797700000001 } from './migrations/1797700000001-accept-minutes.ts';
import { deliveries, preferences } from './notification.entities.ts';
import { WebhookDeliveryEntity, WebhookEntity } from './webhook.entities.ts';

/** The tables of notification. */
export const notificationStorage: Stored = {
  tables: [deliveries, preferences, workJobs],
  entities: [
    WebhookEntity,
    WebhookDeliveryEntity,
    AlertEntity,
    SilenceEntity,
    ObservationEntity,
    AcceptMinuteEntity,
  ],
  migrations: [
    Notification1763700000001,
    ...serviceMigrations,
    ReturnEmails1796500000002,
    TimesOfDeliveries1796750000004,
    ...workMigrations,
    SentEmails1796808100001,
    Webhooks1796808200001,
    Alerts1796812000001,
    NewestDeliveries1797600000001,
    AcceptMinutes1797700000001,
  ],
};
