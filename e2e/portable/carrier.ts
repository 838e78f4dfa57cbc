import { randomUUID } from 'node:crypto';
import type { Answer, Client, OrderView } from '../system/client.ts';
import type { Target } from './target.ts';

export type Move = 'picked_up' | 'in_transit' | 'delivered' | 'undeliverable' | 'returned';

/** A carrier's report about a parcel of an order, by default its first. */
export const parcelMoved = (order: OrderView, status: Move, parts: object = {}, number = 1) => {
  const parcel = order.shipments[number - 1];
  if (!parcel) throw new Error(`order ${order.id} has no parcel ${number}`);
  const operationId = `${order.id}/book-shipment`;
  return {
    type: 'shipment.moved',
    data: {
      carrier: parcel.carrier,
      operationId: number === 1 ? operationId : `${operationId}/${number}`,
      trackingNumber: parcel.trackingNumber,
      status,
      at: new Date().toISOString(),
      ...parts,
    },
  };
};

/** Posts a report about a parcel of an order as a signed webhook of its carrier. */
export function carrierTells(
  target: Target,
  order: OrderView,
  status: Move,
  id: string = randomUUID(),
  number = 1,
): Promise<Answer<{ readonly fate: string }>> {
  const path = `/api/v1/carriers/${order.shipments[number - 1]?.carrier}/webhooks`;
  return target.tell('carriers', path, id, parcelMoved(order, status, {}, number));
}

/** The order once its carrier has delivered its parcel. */
export async function delivered(
  target: Target,
  client: Client,
  order: OrderView,
): Promise<OrderView> {
  for (const status of ['picked_up', 'in_transit', 'delivered'] as const) {
    await carrierTells(target, order, status);
  }
  return target.reaches(client, order.id, 'delivered');
}
