import { command, event, reply, request, task, text } from '@waybill/message';
import { z } from 'zod';
import { money } from './money.ts';
import { line, orderId, sku, taxClass } from './values.ts';

/** The code of a warehouse: capital letters, digits and hyphens. */
export const warehouseCode = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{0,19}$/, 'is 1 to 20 capital letters, digits and hyphens')
  .meta({ id: 'WarehouseCode' });

const orderLines = z.array(line).min(1).max(100);

/** Requests that inventory reserves the lines until they are committed or released: all of them or none. */
export const ReserveStock = command('inventory.reserve-stock', {
  summary: 'Put the lines of an order aside: all or none.',
  schema: z.strictObject({ orderId, lines: orderLines }),
  key: (data) => data.orderId,
});

/**
 * Requests that inventory releases reserved lines; undoes `ReserveStock`, even before it has
 * arrived. The lines are those of the order, because they name the stock rows to load.
 */
export const ReleaseStock = command('inventory.release-stock', {
  summary: 'Give the reserved lines of an order back.',
  schema: z.strictObject({ orderId, lines: orderLines }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

/** Requests that inventory records the reserved lines as sold; follows the pivot and cannot be refused. */
export const CommitStock = command('inventory.commit-stock', {
  summary: 'Count the reserved lines of an order as sold.',
  schema: z.strictObject({ orderId, lines: orderLines }),
  key: (data) => data.orderId,
  retry: 'unbounded',
});

/** Requests that inventory puts sold lines that never left the warehouse on sale again; undoes `CommitStock`. */
export const RestoreStock = command('inventory.restore-stock', {
  summary: 'Put the sold lines of a cancelled order back on sale.',
  schema: z.strictObject({ orderId, lines: orderLines }),
  key: (data) => data.orderId,
  priority: () => 'critical',
  retry: 'unbounded',
});

export const StockReserved = reply('inventory.stock-reserved', {
  summary: 'All lines of the order are put aside.',
  schema: z.strictObject({
    orderId,
    /** What leaves each warehouse; absent if everything comes from one, so that the order has one parcel. */
    parcels: z
      .array(z.strictObject({ warehouse: warehouseCode, lines: orderLines }))
      .min(2)
      .max(100)
      .optional(),
  }),
  key: (data) => data.orderId,
});

export const StockRejected = reply('inventory.stock-rejected', {
  summary: 'Nothing was put aside: stock is short, or the reservation was undone before it came.',
  schema: z.strictObject({
    orderId,
    reason: z.enum(['out_of_stock', 'undone']),
    skus: z.array(sku),
  }),
  key: (data) => data.orderId,
});

export const StockReleased = reply('inventory.stock-released', {
  summary: 'The lines are available again, or never were reserved.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});

export const StockCommitted = reply('inventory.stock-committed', {
  summary: 'The reserved lines are sold.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});

export const StockRestored = reply('inventory.stock-restored', {
  summary: 'The lines are no longer sold and are available again.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});

/** Requests that inventory puts goods that a customer sent back on sale. Nothing is to be sold of a return without such goods. */
export const RestockReturn = command('inventory.restock-return', {
  summary: 'Put the sellable goods of a return back on sale.',
  schema: z.strictObject({ orderId, returnId: z.uuid(), lines: z.array(line).max(100) }),
  key: (data) => data.orderId,
  retry: 'unbounded',
});

export const ReturnRestocked = reply('inventory.return-restocked', {
  summary: 'The sellable goods of the return are available again.',
  schema: z.strictObject({ orderId, returnId: z.uuid() }),
  key: (data) => data.orderId,
});

/** The tax class of a product; absent when it is `standard`. */
const unlessStandard = taxClass.optional();

/** A product was created or changed; carries everything that pricing needs. */
export const ProductChanged = event('inventory.product-changed', {
  summary: 'A product was created or changed.',
  schema: z.strictObject({
    sku,
    name: text(1, 200),
    category: text(1, 100),
    price: money,
    weightGrams: z.int().min(0).max(1_000_000),
    taxClass: unlessStandard,
    version: z.int().min(1),
  }),
  key: (data) => data.sku,
});

/** A product is no longer on sale. `version` continues that of `ProductChanged`; a later `ProductChanged` puts it on sale again. */
export const ProductWithdrawn = event('inventory.product-withdrawn', {
  summary: 'A product is no longer on sale.',
  schema: z.strictObject({ sku, version: z.int().min(1) }),
  key: (data) => data.sku,
});

/** The reference of a blob: the SHA-256 of its bytes. */
export const blobReference = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is 64 hexadecimal digits')
  .meta({ id: 'BlobReference' });

/**
 * Work for any free worker: make the sizes of an uploaded picture, which is in the blob store (claim check), and show it on the
 * product unless a later one was uploaded. The same picture is resized once, because it is the key.
 */
export const ResizeImage = task('inventory.resize-image', {
  summary: 'Resize the picture of a product.',
  schema: z.strictObject({ image: blobReference, sku }),
  key: (data) => data.image,
  retry: 'unbounded',
});

/** Available stock of a product fell to its threshold; replenishment subscribes to it (the choreographed flow). */
export const StockLow = event('inventory.stock-low', {
  summary: 'The available stock of a product fell to its threshold.',
  schema: z.strictObject({ sku, available: z.int(), threshold: z.int() }),
  key: (data) => data.sku,
});

/** More of a product is wanted, or still wanted; with `AUTO_RESTOCK` the supplier is asked, otherwise a person acts. */
export const RestockRequested = event('inventory.restock-requested', {
  summary: 'More of a product is wanted.',
  schema: z.strictObject({ requestId: z.uuid(), sku, quantity: z.int().min(1).max(1_000_000) }),
  key: (data) => data.sku,
  retry: 'unbounded',
});

/** Requests that inventory takes goods in. `requestId` makes it one delivery, however often it is requested. */
export const RestockProduct = command('inventory.restock-product', {
  summary: 'Take goods of a product in.',
  schema: z.strictObject({
    requestId: z.uuid(),
    sku,
    quantity: z.int().min(1).max(1_000_000),
    warehouse: warehouseCode,
  }),
  key: (data) => data.sku,
  priority: () => 'low',
});

/** Goods of a product were taken in; completes an open replenishment. */
export const ProductRestocked = event('inventory.product-restocked', {
  summary: 'Goods of a product came in.',
  schema: z.strictObject({
    requestId: z.uuid(),
    sku,
    quantity: z.int().min(1),
    available: z.int().min(0),
  }),
  key: (data) => data.sku,
});

/** Request from the order service for products that its own copy of the catalogue lacks. */
export const FindProducts = request('inventory.find-products', {
  summary: 'Name, price and weight of products, now.',
  schema: z.strictObject({ skus: z.array(sku).min(1).max(100) }),
  key: (data) => data.skus[0] ?? '',
});

/** The answer to `FindProducts`: those of the requested products that exist. `version` is that of `ProductChanged`. */
export const foundProducts = z.object({
  products: z.array(
    z.object({
      sku,
      name: text(1, 200),
      category: text(1, 100),
      price: money,
      weightGrams: z.int().min(0).max(1_000_000),
      taxClass: unlessStandard,
      version: z.int().min(1),
      available: z.int().min(0),
    }),
  ),
});
export type FoundProducts = z.output<typeof foundProducts>;
