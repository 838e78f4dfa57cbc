import { states, stream } from '@waybill/messaging';
import type { OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order } from '../domain/order.ts';
import type { Product } from '../domain/pricing.ts';

/** Event-sourced orders; the row is the fold, and what GET /orders/{id} reads. */
export const orders = stream<Order, OrderEvent>({
  table: 'orders',
  events: 'order_events',
  id: 'id',
  columns: {
    id: 'uuid',
    number: 'text',
    status: 'text',
    reason: 'text',
    cancelReason: 'text',
    customerId: 'text',
    total: 'bigint',
    currency: 'text',
    content: 'jsonb',
    payment: 'jsonb',
    shipments: 'jsonb',
    early: 'jsonb',
    placedAt: 'timestamptz',
    updatedAt: 'timestamptz',
    revision: 'integer',
  },
  seldom: ['number', 'customerId', 'total', 'currency', 'content', 'placedAt'],
  evolve,
});

/** The answer that an idempotency key got: its bytes, as they were sent. */
export interface StoredAnswer {
  /** SHA-256 of customer, route and key. */
  readonly id: string;
  readonly bodyHash: string;
  readonly status: number;
  readonly location: string;
  readonly body: string;
  readonly storedAt: string;
}

export const storedAnswers = states<StoredAnswer>({
  table: 'idempotency_keys',
  id: 'id',
  columns: {
    id: 'text',
    bodyHash: 'text',
    status: 'integer',
    location: 'text',
    body: 'text',
    storedAt: 'timestamptz',
  },
});

/** The own copy of inventory's products, for prices. */
export const catalogue = states<Product>({
  table: 'catalogue',
  id: 'sku',
  columns: {
    sku: 'text',
    name: 'text',
    priceAmount: 'bigint',
    currency: 'text',
    weightGrams: 'integer',
    productVersion: 'integer',
  },
});
