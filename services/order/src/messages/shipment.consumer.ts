import { Injectable } from '@nestjs/common';
import { ShipmentMoved } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { toMessages } from '../domain/order.announcements.ts';
import { moveShipment } from '../domain/order.decisions.ts';
import { fold } from '../domain/order.ts';
import { orders } from '../storage/order.entities.ts';

/** Follows the parcels of orders: carriers' reports make an order shipped, then delivered. */
@Injectable()
export class ShipmentConsumer {
  @Handles()
  move() {
    return on(ShipmentMoved, orders, {
      group: 'order.shipments',
      state: ({ orderId }) => orderId,
      decide: (order, { orderId, shipmentId, status, at }, { now }) => {
        // An order exists before anything is shipped, so a parcel of an unknown order is not ours.
        if (!order) return {};
        const events = moveShipment(order, { shipmentId, status, at });
        const next = fold(order, events, orderId, now.toISOString());
        if (!next || events.length === 0) return {};
        return { changes: [orders.append(orderId, ...events)], send: toMessages(next, events) };
      },
    });
  }
}
