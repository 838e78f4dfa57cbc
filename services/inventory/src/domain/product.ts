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
  /** When it was taken off sale; null while it is on sale. */
  readonly withdrawnAt: string | null;
}

export type ProductDetails = Omit<Product, 'revision' | 'updatedAt' | 'withdrawnAt'>;

/** Whether customers can see and order it. */
export const isOnSale = (found: Product | undefined): boolean => found?.withdrawnAt === null;

export const createProduct = (details: ProductDetails, now: Date): Product => ({
  ...details,
  revision: 1,
  updatedAt: now.toISOString(),
  withdrawnAt: null,
});

/** The product on sale with these details; undefined if it is already. */
export function changeProduct(
  found: Product | undefined,
  details: ProductDetails,
  now: Date,
): Product | undefined {
  if (!found) return createProduct(details, now);
  if (isOnSale(found) && sameDetails(found, details)) return undefined;
  return { ...createProduct(details, now), revision: found.revision + 1 };
}

/** The product taken off sale. Its history and its stock stay. */
export const withdrawProduct = (found: Product, now: Date): Product => ({
  ...found,
  revision: found.revision + 1,
  updatedAt: now.toISOString(),
  withdrawnAt: now.toISOString(),
});

const sameDetails = (found: Product, details: ProductDetails): boolean =>
  (Object.keys(details) as (keyof ProductDetails)[]).every((key) => found[key] === details[key]);

/** The tax class as messages carry it: readers of older releases know the standard one only. */
export const unlessStandard = (taxClass: TaxClass): { taxClass?: TaxClass } =>
  taxClass === 'standard' ? {} : { taxClass };
