import { journal, states } from '@waybill/messaging';
import type { Product } from '../domain/product.ts';
import type { Replenishment } from '../domain/replenishment.ts';
import type { Movement, Reservation } from '../domain/reservation.ts';
import type { Restock } from '../domain/restock.ts';
import type { Stock } from '../domain/stock.ts';

/** The catalogue: one row a product. */
export const products = states<Product>({
  table: 'products',
  id: 'sku',
  columns: {
    sku: 'text',
    name: 'text',
    description: 'text',
    category: 'text',
    imageUrl: 'text',
    priceAmount: 'bigint',
    currency: 'text',
    weightGrams: 'integer',
    revision: 'integer',
    updatedAt: 'timestamptz',
  },
});

/** One row a product; orders of every shard meet here. */
export const stock = states<Stock>({
  table: 'stock',
  id: 'sku',
  shared: true,
  columns: {
    sku: 'text',
    received: 'bigint',
    returned: 'bigint',
    available: 'bigint',
    reserved: 'bigint',
    sold: 'bigint',
    threshold: 'integer',
    warehouses: 'jsonb',
  },
});

/** One row an order, kept for good: it is what makes a repeated command harmless. */
export const reservations = states<Reservation>({
  table: 'reservations',
  id: 'orderId',
  columns: {
    orderId: 'uuid',
    lines: 'jsonb',
    status: 'text',
    short: 'jsonb',
    reservedAt: 'timestamptz',
    reviewAt: 'timestamptz',
    reviews: 'integer',
  },
  seldom: ['lines', 'short', 'reservedAt'],
});

/** One row a delivery of goods, by the id of its request. */
export const restocks = states<Restock>({
  table: 'restocks',
  id: 'requestId',
  columns: {
    requestId: 'uuid',
    sku: 'text',
    quantity: 'integer',
    warehouse: 'text',
    available: 'bigint',
    at: 'timestamptz',
  },
});

/** One row a product; confirmed orders of every shard add to its demand. */
export const replenishments = states<Replenishment>({
  table: 'replenishments',
  id: 'sku',
  shared: true,
  columns: {
    sku: 'text',
    status: 'text',
    demand: 'bigint',
    quantity: 'integer',
    requestId: 'uuid',
    requestedAt: 'timestamptz',
    restockedAt: 'timestamptz',
  },
});

/** Every change of every product's stock, one row a line. */
export const movements = journal<Movement>({
  table: 'stock_movements',
  columns: {
    sku: 'text',
    kind: 'text',
    quantity: 'integer',
    reference: 'uuid',
    warehouse: 'text',
    at: 'timestamptz',
  },
});
