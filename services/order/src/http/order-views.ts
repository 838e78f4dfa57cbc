import { Injectable } from '@nestjs/common';
import type { Wish } from '@waybill/http';
import type { Order } from '../domain/order.ts';
import { type OrderView, viewOf } from '../messages/order.view.ts';
import { OrderDocuments } from '../storage/order-documents.ts';
import { PersonalOrders } from './personal-orders.ts';

/** Orders as a caller sees them, with their documents. */
@Injectable()
export class OrderViews {
  constructor(
    private readonly documents: OrderDocuments,
    private readonly personal: PersonalOrders,
  ) {}

  async of(order: Order, wish: Wish): Promise<OrderView> {
    const [view] = await this.all([order], wish);
    return view as OrderView;
  }

  async all(orders: readonly Order[], wish: Wish): Promise<OrderView[]> {
    const documents = await this.documents.of(orders);
    return Promise.all(
      orders.map(async (order) =>
        viewOf(order, documents.get(order.id), await this.personal.of(order, wish)),
      ),
    );
  }
}
