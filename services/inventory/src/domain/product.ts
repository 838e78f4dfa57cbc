import type { TaxClass } from '@waybill/contracts';

/** A product of the catalogue, as shown to customers. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly imageUrl: string;
  readonly priceAmount: number;
  readonly currency: string;
  readonly weightGrams: number;
  readonly taxClass: TaxClass;
  /** 1, 2, 3, …: increased by every actual change. */
  readonly revision: number;
  readonly updatedAt: string;
}

export type ProductDetails = Omit<Product, 'revision' | 'updatedAt'>;

export const createProduct = (details: ProductDetails, now: Date): Product => ({
  ...details,
  revision: 1,
  updatedAt: now.toISOString(),
});

/** The product with its new details; undefined if they are the same as before. */
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

/** The tax class as messages carry it: readers of older releases know the standard one only. */
export const unlessStandard = (taxClass: TaxClass): { taxClass?: TaxClass } =>
  taxClass === 'standard' ? {} : { taxClass };
