import { Injectable } from '@nestjs/common';
import { FindProducts, type FoundProducts } from '@waybill/contracts';
import { answers, Handles } from '@waybill/messaging';
import { CatalogueRepository } from '../storage/catalogue.repository.ts';

/** Answers what other services ask about products. */
@Injectable()
export class ProductResponder {
  constructor(private readonly catalogue: CatalogueRepository) {}

  @Handles()
  find() {
    return answers(FindProducts, async ({ skus }): Promise<FoundProducts> => {
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
    });
  }
}
