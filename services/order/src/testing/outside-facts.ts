import { type Message, PaymentFlagged, ReviewReservation, ShipmentMoved } from '@waybill/contracts';
import type { SeededRandom } from '@waybill/testing';
import { laptop, shipmentOfReplies } from './order.fixtures.ts';

/** What other services tell an order of their own accord. */
export const disputed = (orderId: string): Message =>
  PaymentFlagged({
    orderId,
    paymentId: shipmentOfReplies,
    flag: 'dispute',
    detail: 'charge.disputed',
  }) as Message;

export const overdue = (orderId: string, since: Date): Message =>
  ReviewReservation({
    orderId,
    lines: [{ sku: laptop.sku, quantity: 1 }],
    reservedAt: since.toISOString(),
  }) as Message;

export const carried = (
  orderId: string,
  shipmentId: string,
  status: 'picked_up' | 'in_transit' | 'delivered' | 'undeliverable',
  now: Date,
): Message =>
  ShipmentMoved({
    orderId,
    shipmentId,
    status,
    at: now.toISOString(),
  }) as Message;

/** A failure of the database, in one commit of twenty. */
export function storeTrouble(random: SeededRandom): unknown {
  const fate = random.next();
  if (fate < 0.03) return Object.assign(new Error('serialization'), { code: '40001' });
  return fate < 0.05 ? Object.assign(new Error('gone'), { code: '57P01' }) : undefined;
}
