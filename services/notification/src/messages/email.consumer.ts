import { Inject, Injectable } from '@nestjs/common';
import { type DataOf, OrderAnnounced } from '@waybill/contracts';
import { type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { type Delivery, deliver, deliveryId, type Subject } from '../domain/delivery.ts';
import type { Template } from '../domain/email.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { deliveries, preferences } from '../storage/notification.entities.ts';
import { notified } from './notified.ts';

type Announced = DataOf<typeof OrderAnnounced>;
type Settings = Pick<NotificationConfig, 'smtpUrl' | 'thankYouAfter'>;

/** Notifies customers of their orders: each announcement is a notification and an e-mail, and a delivered order another one later. */
@Injectable()
export class EmailConsumer {
  constructor(@Inject(CONFIG) private readonly config: Settings) {}

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
      state: (announced) => idOf(announced, templateOf(announced)),
      begins: true,
      also: (announced) => [
        preferences.at(announced.customer.id),
        ...(isThanked(announced) ? [deliveries.at(thankYouId(announced))] : []),
      ],
      decide: (found, announced, context) => (found ? {} : this.decide(announced, context)),
    });
  }

  private decide(announced: Announced, context: DecideContext<undefined>): Decision {
    const { now, read } = context;
    const { customer, shippingMethod } = announced;
    const { smtpUrl, thankYouAfter } = this.config;
    const given = {
      preferences: read(preferences.at(customer.id)),
      now,
      sends: smtpUrl !== null,
    };
    const about = (template: Template): Delivery =>
      deliver(subjectOf(announced, template), customer, given);
    const priority = shippingMethod === 'express' ? 'high' : 'normal';
    const first = notified(about(templateOf(announced)), { ...context, ...given, priority });
    if (!isThanked(announced) || read(deliveries.at(thankYouId(announced)))) return first;
    const thanks = notified(about('thank-you'), {
      ...context,
      ...given,
      priority: 'low',
      dueAt: new Date(now.getTime() + thankYouAfter),
    });
    // It is a notification once it is sent.
    return { changes: [...first.changes, ...thanks.changes], send: first.send };
  }
}

const isThanked = ({ status }: Announced): boolean => status === 'delivered';
const thankYouId = ({ orderId }: Announced): string => deliveryId(orderId, 'thank-you');
const idOf = ({ orderId, returnId }: Announced, template: Template): string =>
  deliveryId(orderId, template, returnId);
const templateOf = ({ status }: Announced): Template => `order-${status}`;

const subjectOf = (announced: Announced, template: Template): Subject => {
  const { orderId, number, customer, lines, total, reason, refunded } = announced;
  return {
    id: idOf(announced, template),
    orderId,
    template,
    news: { number, customerName: customer.name, lines, total, reason, refunded },
  };
};
