import { Injectable } from '@nestjs/common';
import type { FoundProducts } from '@waybill/contracts';
import { CatalogueRepository } from './catalogue.repository.ts';

/** What other services ask about products, over whatever they ask. */
@Injectable()
export class ProductFinder {
  constructor(private readonly catalogue: CatalogueRepository) {}

  /** Those of the asked products that exist. */
  async find(skus: readonly string[]): Promise<FoundProducts> {
    const found = await this.catalogue.findAll(skus);
    return {
      products: found.map(({ view, revision }) => ({
        sku: view.sku,
        name: view.name,
        category: view.category,
        price: view.price,
        weightGrams: view.weightGrams,
        version: revision,
        available: view.available,
      })),
    };
  }
}
