import type { Money } from '@waybill/contracts';

/** What the catalogue says of a product. What can be bought is not part of it: it changes with every order. */
export interface CatalogueEntry {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly imageUrl: string;
  readonly price: Money;
  readonly weightGrams: number;
}

/** Remembers entries of the catalogue for a few seconds, where there is something to remember them in. */
export abstract class ProductCache {
  /** The remembered entry, else what `load` finds, which is then remembered. Fails only as `load` does. */
  abstract read(
    sku: string,
    load: () => Promise<CatalogueEntry | undefined>,
  ): Promise<CatalogueEntry | undefined>;

  /** The entry has changed and is committed: whoever asks from now on gets the new one. Never fails. */
  abstract forget(sku: string): Promise<void>;
}

/** Remembers nothing. */
export class NoProductCache extends ProductCache {
  read(_: string, load: () => Promise<CatalogueEntry | undefined>) {
    return load();
  }

  async forget(): Promise<void> {}
}
