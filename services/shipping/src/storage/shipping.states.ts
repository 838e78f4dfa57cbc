import { states } from '@waybill/messaging';
import type { Shipment } from '../domain/shipment.ts';

/** One row an order, kept for good: it is what makes a repeated command harmless. */
export const shipments = states<Shipment>({
  table: 'shipments',
  id: 'orderId',
  columns: {
    orderId: 'uuid',
    id: 'uuid',
    customerId: 'text',
    status: 'text',
    address: 'jsonb',
    method: 'text',
    weightGrams: 'bigint',
    carrier: 'text',
    candidates: 'jsonb',
    tried: 'jsonb',
    trackingNumber: 'text',
    costAmount: 'bigint',
    costCurrency: 'text',
    refusal: 'text',
    refusalReason: 'text',
    facts: 'jsonb',
    since: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  seldom: ['id', 'customerId', 'address', 'method', 'weightGrams', 'since'],
});
