import { randomUUID } from 'node:crypto';
import type { Answer, OrderView } from '../system/client.ts';
import type { Target } from './target.ts';

export type Move = 'picked_up' | 'in_transit' | 'delivered' | 'undeliverable';

/** A carrier's report about the parcel of an order. */
export const parcelMoved = (order: OrderView, status: Move, parts: object = {}) => {
  const [parcel] = order.shipments;
  if (!parcel) throw new Error(`order ${order.id} has no parcel`);
  return {
    type: 'shipment.moved',
    data: {
      carrier: parcel.carrier,
      operationId: `${order.id}/book-shipment`,
      trackingNumber: parcel.trackingNumber,
      status,
      at: new Date().toISOString(),
      ...parts,
    },
  };
};

/** Posts a report about an order's parcel as a signed webhook of its carrier. */
export function carrierTells(
  target: Target,
  order: OrderView,
  status: Move,
  id: string = randomUUID(),
): Promise<Answer<{ readonly fate: string }>> {
  const path = `/api/v1/carriers/${order.shipments[0]?.carrier}/webhooks`;
  return target.tell('carriers', path, id, parcelMoved(order, status));
}
