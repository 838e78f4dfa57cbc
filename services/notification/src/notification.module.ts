import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataKeysDeleted, FindDataKeys, foundDataKeys } from '@waybill/contracts';
import { findDataKeysByGrpc } from '@waybill/contracts/grpc';
import { MessagingModule } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { PersistenceModule } from '@waybill/persistence';
import { Resilience } from '@waybill/resilience';
import {
  CONFIG,
  FAULTS,
  type FaultPoints,
  FaultyResilience,
  ServiceModule,
  WorkGauges,
} from '@waybill/service';
import { WorkModule } from '@waybill/work-queue';
import { AlertChannels } from './clients/alert-channels.ts';
import { ShopClient } from './clients/shop.client.ts';
import { SmtpClient } from './clients/smtp.client.ts';
import { Mailer } from './domain/mailer.ts';
import { AlertObservationsController } from './http/alert-observations.controller.ts';
import { AlertSilencesController } from './http/alert-silences.controller.ts';
import { AlertsController } from './http/alerts.controller.ts';
import { DeliveryViews } from './http/delivery-views.ts';
import { ExportedNotifications } from './http/exported-notifications.ts';
import { ExportedWebhooks } from './http/exported-webhooks.ts';
import { NotificationsController } from './http/notifications.controller.ts';
import { QueuesController } from './http/queues.controller.ts';
import { TemplatesController } from './http/templates.controller.ts';
import { WebhookAccess } from './http/webhook-access.ts';
import { WebhookDeliveriesController } from './http/webhook-deliveries.controller.ts';
import { WebhookViews } from './http/webhook-views.ts';
import { WebhooksController } from './http/webhooks.controller.ts';
import { AlertWatch } from './messages/alert.watch.ts';
import { AlertWorker } from './messages/alert.worker.ts';
import { CustomsNotes } from './messages/customs-notes.ts';
import { DigestConsumer } from './messages/digest.consumer.ts';
import { DigestWorker } from './messages/digest.worker.ts';
import { EmailConsumer } from './messages/email.consumer.ts';
import { EmailMetrics } from './messages/email.metrics.ts';
import { EmailSender } from './messages/email.sender.ts';
import { EmailWorker } from './messages/email.worker.ts';
import { PreferencesConsumer } from './messages/preferences.consumer.ts';
import { Resends } from './messages/resends.ts';
import { SyntheticOrderWatch } from './messages/synthetic-order.watch.ts';
import { WebhookConsumer } from './messages/webhook.consumer.ts';
import { WebhookMetrics } from './messages/webhook.metrics.ts';
import { WebhookSender } from './messages/webhook.sender.ts';
import { type NotificationConfig, notificationConfig } from './notification.config.ts';
import { AcceptMinuteEntity } from './storage/accept-minute.entity.ts';
import { AcceptMinuteRepository } from './storage/accept-minute.repository.ts';
import { AlertEntity, ObservationEntity, SilenceEntity } from './storage/alert.entities.ts';
import { AlertRepository } from './storage/alert.repository.ts';
import { DeliveryRepository } from './storage/delivery.repository.ts';
import { DigestRepository } from './storage/digest.repository.ts';
import { DeliveryEntity, PreferencesEntity } from './storage/notification.entities.ts';
import { notificationInvariants } from './storage/notification.invariants.ts';
import { notificationStorage } from './storage/notification.storage.ts';
import { PreferencesRepository } from './storage/preferences.repository.ts';
import { WebhookDeliveryEntity, WebhookEntity } from './storage/webhook.entities.ts';
import { WebhookRepository } from './storage/webhook.repository.ts';
import { WebhookDeliveryRepository } from './storage/webhook-delivery.repository.ts';

/** A thank-you may be due, and a digest full, later than an e-mail is kept. */
const toBeSent = `status in ('queued', 'collected')`;
const toBeDelivered = `status = 'pending'`;

const workOf = ({ redis, redisPool: limit }: NotificationConfig, log: Log) => ({
  redis: redis && {
    ...redis,
    limit,
    service: 'notification',
    onTrouble: (what: string, error: Error) => log.warn({ error }, what),
  },
  log,
});

/** Notifies customers of their orders, by e-mail and in lists of their own. */
@Module({
  imports: [
    ServiceModule.forRoot({
      name: 'notification',
      config: notificationConfig,
      invariants: notificationInvariants,
      port: 8085,
      retained: ({ deliveryRetention, webhooks }) => [
        { table: 'deliveries', at: 'at', keep: deliveryRetention, unless: toBeSent },
        { table: 'webhook_deliveries', at: 'at', keep: webhooks.retention, unless: toBeDelivered },
        { table: 'alerts', at: 'resolved_at', keep: deliveryRetention },
        { table: 'accept_minutes', at: 'at', keep: 86_400_000 },
        { table: 'alert_silences', at: 'ends_at', keep: deliveryRetention },
      ],
      calls: [findDataKeysByGrpc],
      dataKeys: { contract: FindDataKeys, answer: foundDataKeys, deleted: DataKeysDeleted },
    }),
    PersistenceModule.forRoot(notificationStorage),
    MessagingModule.forRoot(),
    WorkModule.forRootAsync({ inject: [CONFIG, LOGGER], useFactory: workOf }),
    TypeOrmModule.forFeature([
      DeliveryEntity,
      PreferencesEntity,
      WebhookEntity,
      WebhookDeliveryEntity,
      AlertEntity,
      SilenceEntity,
      ObservationEntity,
      AcceptMinuteEntity,
    ]),
  ],
  controllers: [
    NotificationsController,
    QueuesController,
    TemplatesController,
    WebhooksController,
    WebhookDeliveriesController,
    AlertSilencesController,
    AlertsController,
    AlertObservationsController,
  ],
  providers: [
    {
      provide: Resilience,
      inject: [FAULTS],
      useFactory: (faults: FaultPoints | null) => new FaultyResilience(faults),
    },
    { provide: Mailer, useClass: SmtpClient },
    AlertChannels,
    AcceptMinuteRepository,
    AlertRepository,
    AlertWatch,
    AlertWorker,
    CustomsNotes,
    ShopClient,
    SyntheticOrderWatch,
    EmailConsumer,
    EmailWorker,
    EmailMetrics,
    EmailSender,
    DigestConsumer,
    DigestWorker,
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
    DigestRepository,
    PreferencesRepository,
    Resends,
    WorkGauges,
    ExportedNotifications,
    DeliveryViews,
  ],
})
export class NotificationModule {}
