/** A product of the catalogue, as a customer sees it. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly imageUrl: string;
  readonly priceAmount: number;
  readonly currency: string;
  readonly weightGrams: number;
  /** 1, 2, 3, …: one more with every change that changes something. */
  readonly revision: number;
  readonly updatedAt: string;
}

export type ProductDetails = Omit<Product, 'revision' | 'updatedAt'>;

export const createProduct = (details: ProductDetails, now: Date): Product => ({
  ...details,
  revision: 1,
  updatedAt: now.toISOString(),
});

/** The product with its new details; nothing when they are what it has already. */
export function changeProduct(
  found: Product | undefined,
  details: ProductDetails,
  now: Date,
): Product | undefined {
  if (!found) return createProduct(details, now);
  if (sameDetails(found, details)) return undefined;
  return { ...createProduct(details, now), revision: found.revision + 1 };
}

const sameDetails = (found: Product, details: ProductDetails): boolean =>
  (Object.keys(details) as (keyof ProductDetails)[]).every((key) => found[key] === details[key]);
