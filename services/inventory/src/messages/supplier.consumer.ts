import { Inject, Injectable } from '@nestjs/common';
import { RestockProduct, RestockRequested } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { Supplier } from '../clients/supplier.ts';
import { isAwaited, remind, takeAnswer, takeDelivery } from '../domain/supplier-order.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { supplierOrders } from '../storage/inventory.entities.ts';
import { RemindSupplier, TakeDelivery } from './inventory.local.ts';

/** Orders requested goods at the supplier, and takes its deliveries in. */
@Injectable()
export class SupplierConsumer {
  constructor(
    private readonly supplier: Supplier,
    @Inject(CONFIG) private readonly config: InventoryConfig,
  ) {}

  /** A request without an order is for a person. */
  @Handles()
  order() {
    return on(RestockRequested, supplierOrders, {
      group: 'inventory.supplier',
      state: ({ requestId }) => requestId,
      call: async (found) => (isAwaited(found) ? this.supplier.order(found) : undefined),
      decide: (found, _, { answer }) => {
        const next = takeAnswer(found, answer);
        return next ? { changes: [supplierOrders.put(next)] } : {};
      },
    });
  }

  /** The command that takes the goods in has the id of the request, so it counts once. */
  @Handles()
  delivery() {
    return on(TakeDelivery, supplierOrders, {
      state: ({ requestId }) => requestId,
      decide: (found, delivery, { now }) => {
        const { fate, order } = takeDelivery(found, delivery, now);
        if (!order) return { answer: { fate } };
        const { requestId, sku, quantity, warehouse } = order;
        return {
          changes: [supplierOrders.put(order)],
          send: [RestockProduct({ requestId, sku, quantity, warehouse })],
          answer: { fate },
        };
      },
    });
  }

  @Handles()
  again() {
    return on(RemindSupplier, supplierOrders, {
      state: ({ requestId }) => requestId,
      decide: (found, _, { now }) => {
        const next = remind(found, { now, remindAfter: this.config.supplierReviewAfter });
        if (!next) return {};
        const { requestId, sku, quantity } = next;
        return {
          changes: [supplierOrders.put(next)],
          send: [RestockRequested({ requestId, sku, quantity })],
        };
      },
    });
  }
}
