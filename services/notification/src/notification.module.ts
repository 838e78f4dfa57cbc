import { Module } from '@nestjs/common';
import { NotificationsController } from './http/notifications.controller.ts';
import { EmailConsumer } from './messages/email.consumer.ts';
import { WebhookConsumer } from './messages/webhook.consumer.ts';
import { DeliveryRepository } from './storage/delivery.repository.ts';

@Module({
  controllers: [NotificationsController],
  providers: [EmailConsumer, WebhookConsumer, DeliveryRepository],
})
export class NotificationModule {}
