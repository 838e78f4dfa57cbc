import type { Money, TaxClass } from '@waybill/contracts';

/** The catalogue entry of a product, without the available units, which change with every order. */
export interface CatalogueEntry {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly imageUrl: string;
  readonly price: Money;
  readonly weightGrams: number;
  readonly taxClass: TaxClass;
  readonly revision: number;
}

/** Reads an entry from the database. */
export type Load = (sku: string) => Promise<CatalogueEntry | undefined>;

/** Caches catalogue entries for a few seconds, if a cache is configured. */
export abstract class ProductCache {
  /** The cached entry, else the result of `load`, which is then cached. Fails only if `load` does. */
  abstract read(sku: string, load: Load): Promise<CatalogueEntry | undefined>;

  /** Call it once a change is committed: later reads return the new entry. Never fails. */
  abstract forget(sku: string): Promise<void>;
}

/** Caches nothing. */
export class NoProductCache extends ProductCache {
  read(sku: string, load: Load) {
    return load(sku);
  }

  async forget(): Promise<void> {}
}
