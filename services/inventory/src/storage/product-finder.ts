import { Injectable } from '@nestjs/common';
import type { FoundProducts } from '@waybill/contracts';
import { unlessStandard } from '../domain/product.ts';
import { CatalogueRepository } from './catalogue.repository.ts';

/** Answers requests for products from other services, over any transport. */
@Injectable()
export class ProductFinder {
  constructor(private readonly catalogue: CatalogueRepository) {}

  /** The requested products that exist. */
  async find(skus: readonly string[]): Promise<FoundProducts> {
    const found = await this.catalogue.findAll(skus);
    return {
      products: found.map(({ view, revision }) => ({
        sku: view.sku,
        name: view.name,
        category: view.category,
        price: view.price,
        weightGrams: view.weightGrams,
        ...unlessStandard(view.taxClass),
        version: revision,
        available: view.available,
      })),
    };
  }
}
