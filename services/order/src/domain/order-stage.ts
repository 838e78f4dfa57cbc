import type { OrderStatus } from './order.ts';

/**
 * Where an order is, coarsely: something is still to happen to it, its parcels are out, or it came to nothing. It
 * changes once or twice in the life of an order, its status at every second step.
 */
export type OrderStage = 'open' | 'sent' | 'void';

const stages: Record<OrderStatus, OrderStage> = {
  pending: 'open',
  confirmed: 'open',
  partially_shipped: 'open',
  cancelling: 'open',
  returning: 'open',
  shipped: 'sent',
  delivered: 'sent',
  rejected: 'void',
  cancelled: 'void',
  returned: 'void',
};

export const stageOf = (status: OrderStatus): OrderStage => stages[status];
