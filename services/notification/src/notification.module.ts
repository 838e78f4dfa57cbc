import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataKeysDeleted, FindDataKeys, foundDataKeys } from '@waybill/contracts';
import { findDataKeysByGrpc } from '@waybill/contracts/grpc';
import { MessagingModule } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { PersistenceModule } from '@waybill/persistence';
import { CONFIG, ServiceModule, WorkGauges } from '@waybill/service';
import { WorkModule } from '@waybill/work-queue';
import { DeliveryViews } from './http/delivery-views.ts';
import { ExportedNotifications } from './http/exported-notifications.ts';
import { ExportedWebhooks } from './http/exported-webhooks.ts';
import { NotificationsController } from './http/notifications.controller.ts';
import { WebhookAccess } from './http/webhook-access.ts';
import { WebhookDeliveriesController } from './http/webhook-deliveries.controller.ts';
import { WebhookViews } from './http/webhook-views.ts';
import { WebhooksController } from './http/webhooks.controller.ts';
import { EmailConsumer } from './messages/email.consumer.ts';
import { PreferencesConsumer } from './messages/preferences.consumer.ts';
import { WebhookConsumer } from './messages/webhook.consumer.ts';
import { WebhookMetrics } from './messages/webhook.metrics.ts';
import { WebhookSender } from './messages/webhook.sender.ts';
import { type NotificationConfig, notificationConfig } from './notification.config.ts';
import { DeliveryRepository } from './storage/delivery.repository.ts';
import { DeliveryEntity } from './storage/notification.entities.ts';
import { notificationStorage } from './storage/notification.storage.ts';
import { WebhookDeliveryEntity, WebhookEntity } from './storage/webhook.entities.ts';
import { WebhookRepository } from './storage/webhook.repository.ts';
import { WebhookDeliveryRepository } from './storage/webhook-delivery.repository.ts';

const workOf = ({ redis, redisPool: limit }: NotificationConfig, log: Log) => ({
  redis: redis && {
    ...redis,
    limit,
    service: 'notification',
    onTrouble: (what: string, error: Error) => log.warn({ error }, what),
  },
  log,
});

/** Notifies customers of their orders. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'notification',
      config: notificationConfig,
      port: 8085,
      retained: ({ deliveryRetention, webhooks }) => [
        { table: 'deliveries', at: 'at', keep: deliveryRetention },
        { table: 'webhook_deliveries', at: 'at', keep: webhooks.retention },
      ],
      calls: [findDataKeysByGrpc],
      dataKeys: { contract: FindDataKeys, answer: foundDataKeys, deleted: DataKeysDeleted },
    }),
    PersistenceModule.forRoot(notificationStorage),
    MessagingModule.forRoot(),
    WorkModule.forRootAsync({ inject: [CONFIG, LOGGER], useFactory: workOf }),
    TypeOrmModule.forFeature([DeliveryEntity, WebhookEntity, WebhookDeliveryEntity]),
  ],
  controllers: [NotificationsController, WebhooksController, WebhookDeliveriesController],
  providers: [
    EmailConsumer,
    PreferencesConsumer,
    WebhookConsumer,
    WebhookSender,
    WebhookMetrics,
    WebhookRepository,
    WebhookDeliveryRepository,
    WebhookAccess,
    WebhookViews,
    ExportedWebhooks,
    DeliveryRepository,
    ExportedNotifications,
    DeliveryViews,
    WorkGauges,
  ],
})
export class NotificationModule {}
