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
import { NotificationsController } from './http/notifications.controller.ts';
import { EmailConsumer } from './messages/email.consumer.ts';
import { PreferencesConsumer } from './messages/preferences.consumer.ts';
import { WebhookConsumer } from './messages/webhook.consumer.ts';
import { type NotificationConfig, notificationConfig } from './notification.config.ts';
import { DeliveryRepository } from './storage/delivery.repository.ts';
import { DeliveryEntity } from './storage/notification.entities.ts';
import { notificationStorage } from './storage/notification.storage.ts';

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
      retained: ({ deliveryRetention }) => [
        { table: 'deliveries', at: 'at', keep: deliveryRetention },
      ],
      calls: [findDataKeysByGrpc],
      dataKeys: { contract: FindDataKeys, answer: foundDataKeys, deleted: DataKeysDeleted },
    }),
    PersistenceModule.forRoot(notificationStorage),
    MessagingModule.forRoot(),
    WorkModule.forRootAsync({ inject: [CONFIG, LOGGER], useFactory: workOf }),
    TypeOrmModule.forFeature([DeliveryEntity]),
  ],
  controllers: [NotificationsController],
  providers: [
    EmailConsumer,
    PreferencesConsumer,
    WebhookConsumer,
    DeliveryRepository,
    ExportedNotifications,
    DeliveryViews,
    WorkGauges,
  ],
})
export class NotificationModule {}
