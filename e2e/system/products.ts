import type { Client } from './client.ts';

export interface StockView {
  readonly onHand: number;
  readonly received: number;
  readonly returned: number;
  readonly reserved: number;
  readonly sold: number;
  readonly available: number;
  readonly movements: readonly { readonly kind: string; readonly quantity: number }[];
}

/** The body that creates a product. */
export const aProduct = (parts: object = {}): object => ({
  name: 'Brass compass',
  description: 'Points north.',
  category: 'Outdoors',
  imageUrl: 'https://example.com/compass.png',
  price: { amount: 2_500, currency: 'EUR' },
  weightGrams: 200,
  ...parts,
});

/** Adds a product of which the shop has `quantity` units. */
export async function stockUp(
  operator: Client,
  sku: string,
  quantity: number,
  parts: object = {},
): Promise<void> {
  const made = await operator.send('PUT', `/api/v1/products/${sku}`, { json: aProduct(parts) });
  if (made.status !== 201) throw new Error(`${sku}: ${made.status} ${made.bytes.toString()}`);
  const filled = await operator.post(`/api/v1/inventory/${sku}/restock`, { quantity });
  if (filled.status >= 300) throw new Error(`${sku}: ${filled.status} ${filled.bytes.toString()}`);
}

/** What the shop has of a product. */
export async function stockOf(operator: Client, sku: string): Promise<StockView> {
  const answer = await operator.get<StockView>(`/api/v1/inventory/${sku}`);
  if (answer.status === 200) return answer.body;
  throw new Error(`${sku}: ${answer.status} ${answer.bytes.toString()}`);
}
