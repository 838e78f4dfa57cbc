import { Inject, Injectable } from '@nestjs/common';
import { CustomerErased, OrderAnnounced } from '@waybill/contracts';
import { CLOCK, type Clock, Handles } from '@waybill/messaging';
import { writtenBatches } from '@waybill/persistence';
import { eventOf, orderEventBody } from '../domain/webhook-event.ts';
import { WebhookRepository } from '../storage/webhook.repository.ts';
import { WebhookDeliveryRepository } from '../storage/webhook-delivery.repository.ts';

/** Decides which webhooks are told of an order. */
@Injectable()
export class WebhookConsumer {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly deliveries: WebhookDeliveryRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Handles()
  announced() {
    const options = { group: 'notification.webhooks', linger: 50 };
    return writtenBatches(OrderAnnounced, options, (batch) =>
      this.deliveries.announce(
        batch.map(({ id, data }) => ({
          messageId: id,
          customerId: data.customer.id,
          type: eventOf(data),
          body: orderEventBody(data),
        })),
        this.clock.now(),
      ),
    );
  }

  /** An erased customer has no webhooks, and what was delivered to them is forgotten. */
  @Handles()
  erased() {
    const options = { group: 'notification.webhook-owners', linger: 50 };
    return writtenBatches(CustomerErased, options, (batch) =>
      this.webhooks.forget(batch.map(({ data }) => data.customerId)),
    );
  }
}
