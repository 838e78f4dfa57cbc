import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, OrderAnnounced } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { deliver, deliveryId } from '../domain/delivery.ts';
import type { Template } from '../domain/email.ts';
import { deliveries, preferences } from '../storage/notification.entities.ts';

type Announced = DataOf<typeof OrderAnnounced>;

/** Notifies customers of their orders by e-mail. */
@Injectable()
export class EmailConsumer {
  constructor(@Inject(LOGGER) private readonly log: Log) {}

  @Handles()
  email() {
    return on(OrderAnnounced, deliveries, {
      group: 'notification.email',
      filter: {
        status: [
          'confirmed',
          'rejected',
          'cancelled',
          'shipped',
          'delivered',
          'returning',
          'refunded',
        ],
      },
      state: (announced) =>
        deliveryId(announced.orderId, templateOf(announced), announced.returnId),
      begins: true,
      also: ({ customer }) => [preferences.at(customer.id)],
      decide: (found, announced, { now, read }) => {
        const template = templateOf(announced);
        const delivery = deliver(found, { ...about(announced), template }, announced.customer, {
          preferences: read(preferences.at(announced.customer.id)),
          now,
        });
        if (!delivery) return {};
        // The log line replaces the sending; a retried decision logs it again, which is harmless.
        this.log.debug({ orderId: delivery.orderId, template }, 'e-mail recorded');
        return { changes: [deliveries.put(delivery)] };
      },
    });
  }
}

const templateOf = ({ status }: Announced): Template => `order-${status}`;

const about = (announced: Announced) => {
  const { orderId, returnId, number, customer, lines, total, reason, refunded } = announced;
  return {
    orderId,
    returnId,
    news: { number, customerName: customer.name, lines, total, reason, refunded },
  };
};
