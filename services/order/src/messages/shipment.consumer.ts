import { Inject, Injectable } from '@nestjs/common';
import { ShipmentMoved, ShipmentRebooked } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { moveShipment, rebookShipment } from '../domain/order.decisions.ts';
import type { OrderConfig } from '../order.config.ts';
import { sagasOf } from '../sagas/order-sagas.ts';
import { orders } from '../storage/order.entities.ts';
import { orderDecision } from './order-decision.ts';

/** Follows the parcels of orders: carriers' reports make an order shipped, then delivered, or bring it back. */
@Injectable()
export class ShipmentConsumer {
  constructor(@Inject(CONFIG) private readonly config: Pick<OrderConfig, 'sagaNetMs'>) {}

  @Handles()
  move() {
    return on(ShipmentMoved, orders, {
      group: 'order.shipments',
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => sagasOf(orderId),
      decide: (order, { shipmentId, status, at }, context) => {
        // An order exists before anything is shipped, so a parcel of an unknown order is not ours.
        if (!order) return {};
        const events = moveShipment(order, { shipmentId, status, at });
        return orderDecision(order, events, context, this.config.sagaNetMs);
      },
    });
  }

  @Handles()
  rebook() {
    return on(ShipmentRebooked, orders, {
      group: 'order.shipments',
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => sagasOf(orderId),
      decide: (order, { shipmentId: id, carrier, trackingNumber }, context) => {
        if (!order) return {};
        const events = rebookShipment(order, { id, carrier, trackingNumber });
        return orderDecision(order, events, context, this.config.sagaNetMs);
      },
    });
  }
}
