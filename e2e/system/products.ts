import type { Schemas } from '@waybill/client';
import type { Client } from './client.ts';

export type StockView = Schemas['Stock'];

/** A body that creates a product. */
export const aProduct = (parts: object = {}) => ({
  name: 'Brass compass',
  description: 'Points north.',
  category: 'Outdoors',
  imageUrl: 'https://example.com/compass.png',
  price: { amount: 2_500, currency: 'EUR' },
  weightGrams: 200,
  ...parts,
});

/** Adds a product with `quantity` units in stock. */
export async function stockUp(
  operator: Client,
  sku: string,
  quantity: number,
  { warehouse, ...parts }: { readonly warehouse?: string; readonly [part: string]: unknown } = {},
): Promise<void> {
  const params = { path: { sku } };
  const body = aProduct(parts);
  const made = await operator.api.PUT('/api/v1/products/{sku}', { params, body });
  if (made.response.status !== 201) throw new Error(`${sku}: ${JSON.stringify(made.error)}`);
  const restock = { params, body: { quantity, ...(warehouse ? { warehouse } : {}) } };
  const filled = await operator.api.POST('/api/v1/inventory/{sku}/restock', restock);
  if (filled.error) throw new Error(`${sku}: ${JSON.stringify(filled.error)}`);
}

/** The stock of a product. */
export const stockOf = (operator: Client, sku: string): Promise<StockView> =>
  operator.read('/api/v1/inventory/{sku}', { path: { sku } });
