import { Injectable } from '@nestjs/common';
import { type DataOf, OrderAnnounced } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { countSale, salesId } from '../domain/order-counts.ts';
import { regionSales } from '../storage/analytics.entities.ts';

/** Counts confirmed orders by region and shipping method, from announcements. */
@Injectable()
export class RegionSalesConsumer {
  @Handles()
  sold() {
    return on(OrderAnnounced, regionSales, {
      group: 'analytics.orders',
      filter: { status: ['confirmed'] },
      state: (order) => salesId(order, regionOf(order), order.shippingMethod),
      decide: (found, order) => ({
        changes: [regionSales.put(countSale(found, order, regionOf(order), order.shippingMethod))],
      }),
    });
  }
}

const regionOf = (order: DataOf<typeof OrderAnnounced>): string =>
  OrderAnnounced.attributes(order)['region'] ?? 'world';
