import { type Caller, isOperator, Problem } from '@waybill/http';
import type { Order } from '../domain/order.ts';
import type { OrderRepository } from '../storage/order.repository.ts';
import { isUuid } from './orders.schema.ts';

/** The order, or 404, also for an order of another customer, so that callers cannot find out which ids exist. */
export async function visibleOrder(
  orders: Pick<OrderRepository, 'find'>,
  id: string,
  caller: Caller,
): Promise<Order> {
  const order = isUuid(id) ? await orders.find(id) : undefined;
  if (order && (order.customerId === caller.id || isOperator(caller))) return order;
  throw new Problem(404, 'not_found', `there is no order ${id.slice(0, 40)}`);
}
