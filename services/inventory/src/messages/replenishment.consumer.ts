import { Inject, Injectable } from '@nestjs/common';
import { OrderAnnounced, ProductRestocked, RestockRequested, StockLow } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { countDemand, goodsCameIn, requestMore } from '../domain/replenishment.ts';
import { orderOf } from '../domain/supplier-order.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { replenishments, supplierOrders } from '../storage/inventory.entities.ts';

/** Announcements and events may use different brokers, so each has its own consumer group. */
const demandGroup = 'inventory.replenishment';
const restockGroup = 'inventory.restock';

/**
 * A choreographed flow without a saga: confirmed orders add to the demand, low stock requests more, which the supplier's
 * consumer orders, and goods that arrive close the request.
 */
@Injectable()
export class ReplenishmentConsumer {
  constructor(@Inject(CONFIG) private readonly config: InventoryConfig) {}

  @Handles()
  demand() {
    return on(OrderAnnounced, replenishments, {
      group: demandGroup,
      filter: { status: ['confirmed'] },
      state: ({ lines }) => lines[0]?.sku ?? '',
      also: ({ lines }) => lines.map(({ sku }) => replenishments.at(sku)),
      decide: (_, { lines }, { read }) => {
        const next = new Map<string, ReturnType<typeof countDemand>>();
        for (const line of lines) {
          const found = next.get(line.sku) ?? read(replenishments.at(line.sku));
          next.set(line.sku, countDemand(found, line));
        }
        return { changes: [...next.values()].map((each) => replenishments.put(each)) };
      },
    });
  }

  @Handles()
  low() {
    return on(StockLow, replenishments, {
      group: restockGroup,
      state: ({ sku }) => sku,
      decide: (found, low, { now, id }) => {
        const next = requestMore(found, low, { id: id('restock'), now });
        if (!next) return {};
        const { autoRestock, supplier, defaultWarehouse, supplierReviewAfter } = this.config;
        const from = { supplier, warehouse: defaultWarehouse };
        const order = orderOf(next, from, { now, remindAfter: supplierReviewAfter });
        const { requestId, sku, quantity } = next;
        return {
          changes: [replenishments.put(next), ...(autoRestock ? [supplierOrders.put(order)] : [])],
          send: [RestockRequested({ requestId, sku, quantity })],
        };
      },
    });
  }

  @Handles()
  restocked() {
    return on(ProductRestocked, replenishments, {
      group: restockGroup,
      state: ({ sku }) => sku,
      decide: (found, { sku }, { now }) => ({
        changes: [replenishments.put(goodsCameIn(found, sku, now))],
      }),
    });
  }
}
