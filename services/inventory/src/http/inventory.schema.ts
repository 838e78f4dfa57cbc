import { enteredText, money, sku, taxClass, warehouseCode } from '@waybill/contracts';
import { paging } from '@waybill/http';
import { z } from 'zod';
import { productDetails, quantityIn } from '../messages/inventory.local.ts';

export const productQuery = z.strictObject({
  ...paging,
  category: enteredText(1, 100).optional(),
  search: enteredText(1, 100).optional(),
});
export type ProductQuery = z.output<typeof productQuery>;

export const categoryQuery = z.strictObject({ ...paging });
export type CategoryQuery = z.output<typeof categoryQuery>;

export const imageQuery = z.strictObject({
  urgent: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Resize it before those that wait' }),
});
export type ImageQuery = z.output<typeof imageQuery>;

export const productBody = productDetails;
export type ProductBody = z.output<typeof productBody>;

export const restockBody = z.strictObject({
  quantity: quantityIn,
  warehouse: warehouseCode.optional(),
});
export type RestockBody = z.output<typeof restockBody>;

const count = z.int().min(0);
const moment = z.iso.datetime();

export const productView = z
  .object({
    sku,
    name: z.string(),
    description: z.string(),
    category: z.string(),
    imageUrl: z.string(),
    price: money,
    weightGrams: count,
    taxClass,
    available: count,
  })
  .meta({ id: 'Product' });

export const productPage = z.object({
  items: z.array(productView),
  nextCursor: z.string().nullable(),
});

export const categoryPage = z.object({
  items: z.array(z.object({ name: z.string(), products: count }).meta({ id: 'Category' })),
  nextCursor: z.string().nullable(),
});

export const productImageView = z
  .object({
    sku,
    state: z.enum(['pending', 'ready', 'failed']),
    failure: z.string().nullable(),
    uploadedAt: moment,
    sizes: z.array(z.object({ url: z.string(), width: count, height: count, bytes: count })),
  })
  .meta({ id: 'ProductImage' });

export const stockView = z
  .object({
    sku,
    onHand: count,
    available: count,
    reserved: count,
    sold: count,
    received: count,
    returned: count,
    threshold: count,
    warehouses: z.array(z.object({ code: warehouseCode, onHand: count })),
    movements: z.array(
      z.object({
        kind: z.enum(['received', 'reserved', 'released', 'sold', 'restored', 'returned']),
        quantity: count,
        orderId: z.uuid().nullable(),
        warehouse: warehouseCode.nullable(),
        at: moment,
      }),
    ),
    replenishment: z
      .object({
        status: z.enum(['idle', 'requested']),
        demand: count,
        quantity: count.nullable(),
        requestedAt: moment.nullable(),
        restockedAt: moment.nullable(),
        requestId: z.uuid().nullable(),
        order: z
          .object({
            supplier: z.string(),
            status: z.enum(['requested', 'ordered', 'refused', 'delivered']),
            refusal: z.string().nullable(),
            overdue: z.boolean(),
          })
          .nullable()
          .meta({ description: 'At the supplier; null if none was asked' }),
      })
      .nullable(),
  })
  .meta({ id: 'Stock' });

export const restockView = z
  .object({
    requestId: z.uuid(),
    sku,
    quantity: count,
    warehouse: warehouseCode,
    available: count,
    at: moment,
  })
  .meta({ id: 'Restock' });
