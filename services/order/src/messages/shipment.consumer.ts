import { Injectable } from '@nestjs/common';
import { ShipmentMoved, ShipmentRebooked } from '@waybill/contracts';
import { type Decision, Handles, on } from '@waybill/messaging';
import { toMessages } from '../domain/order.announcements.ts';
import { moveShipment, rebookShipment } from '../domain/order.decisions.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { fold, type Order } from '../domain/order.ts';
import { orders } from '../storage/order.entities.ts';

/** Follows the parcels of orders: carriers' reports make an order shipped, then delivered. */
@Injectable()
export class ShipmentConsumer {
  @Handles()
  move() {
    return on(ShipmentMoved, orders, {
      group: 'order.shipments',
      state: ({ orderId }) => orderId,
      decide: (order, { shipmentId, status, at }, { now }) => {
        // An order exists before anything is shipped, so a parcel of an unknown order is not ours.
        if (!order) return {};
        return appended(order, moveShipment(order, { shipmentId, status, at }), now);
      },
    });
  }

  @Handles()
  rebook() {
    return on(ShipmentRebooked, orders, {
      group: 'order.shipments',
      state: ({ orderId }) => orderId,
      decide: (order, { shipmentId: id, carrier, trackingNumber }, { now }) =>
        order ? appended(order, rebookShipment(order, { id, carrier, trackingNumber }), now) : {},
    });
  }
}

function appended(order: Order, events: readonly OrderEvent[], now: Date): Decision {
  const next = fold(order, events, order.id, now.toISOString());
  if (!next || events.length === 0) return {};
  return { changes: [orders.append(order.id, ...events)], send: toMessages(next, events) };
}
