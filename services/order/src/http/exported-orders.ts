import { Injectable } from '@nestjs/common';
import { mostIds, PersonalParts } from '@waybill/service';
import { OrderRepository } from '../storage/order.repository.ts';
import { OrderViews } from './order-views.ts';

/** The orders of a customer as the customer sees them, the newest first, for an export. */
@Injectable()
export class ExportedOrders {
  constructor(parts: PersonalParts, orders: OrderRepository, views: OrderViews) {
    parts.add('orders', async ({ subject, after: before }) => {
      const found = await orders.list({ customerId: subject, before, limit: mostIds });
      const caller = { id: subject, roles: ['customer' as const], name: '', email: '' };
      const items = await views.all(found, { caller });
      return { items, next: found[mostIds - 1]?.id ?? null };
    });
  }
}
