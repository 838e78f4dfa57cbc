import type { OrderStatus } from './order.ts';

/**
 * The coarse state of an order: something is still to happen, its parcels are out, or it ended without a sale. It
 * changes once or twice in the life of an order, while the status changes at every second step.
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
