import { Injectable } from '@nestjs/common';
import { OrderAnnounced } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { preferences } from '../storage/notification.entities.ts';

/** Tells subscribed addresses how an order went. Nobody can subscribe yet, so there is nobody to tell. */
@Injectable()
export class WebhookConsumer {
  @Handles()
  call() {
    return on(OrderAnnounced, preferences, {
      group: 'notification.webhooks',
      state: ({ customer }) => customer.id,
      decide: () => ({}),
    });
  }
}
