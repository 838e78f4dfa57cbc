import { Injectable } from '@nestjs/common';
import { OrderAnnounced } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { preferences } from '../storage/notification.entities.ts';

/** Sends webhooks about orders to subscribers. Subscribing is not possible yet, so there are no receivers. */
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
