import type { DataOf, OrderAnnounced } from '@waybill/contracts';
import { testEvent, type WebhookEvent } from './webhook.ts';

type Announced = DataOf<typeof OrderAnnounced>;

export const eventOf = ({ status }: Announced): WebhookEvent => `order.${status}`;

/** What receivers get: ids and states. The rest is for whoever may read the order. */
export function orderEventBody(announced: Announced): string {
  const { orderId, number, status, returnId, reason, customer, at } = announced;
  return JSON.stringify({
    type: eventOf(announced),
    timestamp: at,
    data: {
      orderId,
      number,
      customerId: customer.id,
      status,
      ...(returnId === undefined ? {} : { returnId }),
      // Reasons of cancellations and returns are texts of customers.
      ...(status === 'rejected' ? { reason } : {}),
    },
  });
}

export const testEventBody = (webhookId: string, now: Date): string =>
  JSON.stringify({ type: testEvent, timestamp: now.toISOString(), data: { webhookId } });
