import {
  blobReference,
  enteredLine,
  enteredText,
  local,
  money,
  orderId,
  sku,
  taxClass,
  text,
  warehouseCode,
} from '@waybill/contracts';
import { z } from 'zod';

/** The largest price of one unit, in minor units. */
export const maxPrice = 1_000_000_000;

const ownImage = /^\/images\/[a-z0-9][a-z0-9.-]*$/;
const httpsAddress = /^https:\/\/[^\s"'<>\\@]+$/;

/** A picture of this shop, or an https URL without user info. */
export const imageUrl = text(1, 500)
  .refine(
    (url) => ownImage.test(url) || (httpsAddress.test(url) && URL.canParse(url)),
    'is a picture of this shop, such as /images/mug.svg, or an https address',
  )
  .meta({ description: 'A picture of this shop, such as /images/mug.svg, or an https address' });

export const productDetails = z.strictObject({
  name: enteredLine(1, 200),
  description: enteredText(0, 2_000),
  category: enteredLine(1, 100),
  imageUrl,
  price: money.refine(({ amount }) => amount >= 1 && amount <= maxPrice, {
    path: ['amount'],
    error: `is 1 to ${maxPrice} minor units`,
  }),
  weightGrams: z.int().min(1).max(1_000_000),
  taxClass: taxClass.default('standard'),
});

export const quantityIn = z.int().min(1).max(1_000_000);

/** The most entity tags in `If-Match`. */
export const mostTags = 100;

const expected = z
  .discriminatedUnion('is', [
    z.strictObject({ is: z.enum(['absent', 'present']) }),
    z.strictObject({ is: z.literal('revision'), among: z.array(z.int()).max(mostTags) }),
  ])
  .optional();

/** An operator creates or changes a product, or puts it on sale again. */
export const ChangeProduct = local('inventory.change-product', {
  summary: 'Create or change a product.',
  schema: productDetails.extend({ sku, expected }),
  key: (data) => data.sku,
});

/** An operator takes a product off sale. */
export const WithdrawProduct = local('inventory.withdraw-product', {
  summary: 'Take a product off sale.',
  schema: z.strictObject({ sku, expected }),
  key: (data) => data.sku,
});

/** An operator has uploaded a picture of a product, which is in the blob store. */
export const UploadImage = local('inventory.upload-image', {
  summary: 'Show an uploaded picture on a product once it is resized.',
  schema: z.strictObject({ sku, image: blobReference, urgent: z.boolean(), expected }),
  key: (data) => data.sku,
});

/** An operator records goods that arrived. */
export const TakeGoodsIn = local('inventory.take-goods-in', {
  summary: 'Take goods of a product in.',
  schema: z.strictObject({
    requestId: z.uuid(),
    sku,
    quantity: quantityIn,
    warehouse: warehouseCode,
  }),
  key: (data) => data.sku,
});

/** A supplier says that the goods of a request are here. */
export const TakeDelivery = local('inventory.take-delivery', {
  summary: 'Take the delivery of a supplier in.',
  schema: z.strictObject({
    requestId: z.uuid(),
    supplier: text(1, 60),
    sku,
    quantity: quantityIn,
  }),
  key: (data) => data.requestId,
});

/** The goods of a request have not come in time: ask the supplier again. */
export const RemindSupplier = local('inventory.remind-supplier', {
  summary: 'Ask the supplier again for goods that have not come.',
  schema: z.strictObject({ requestId: z.uuid() }),
  key: (data) => data.requestId,
});

/** Adds a product of the seeded catalogue with its first stock; an existing product stays unchanged. */
export const SeedProduct = local('inventory.seed-product', {
  summary: 'Add a product of the seeded catalogue with its first stock.',
  schema: productDetails.omit({ price: true }).extend({
    sku,
    priceAmount: z.int().min(1).max(maxPrice),
    quantity: z.int().min(0).max(1_000_000),
    threshold: z.int().min(0).max(1_000_000),
    warehouse: warehouseCode.optional(),
  }),
  key: (data) => data.sku,
});

/** A reservation is overdue: check with its order whether it is still needed. */
export const ReviewOverdue = local('inventory.review-overdue', {
  summary: 'Ask the order of an overdue reservation whether it is still wanted.',
  schema: z.strictObject({ orderId }),
  key: (data) => data.orderId,
});
