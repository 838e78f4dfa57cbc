import { Injectable } from '@nestjs/common';
import { ProductChanged, ProductWithdrawn } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { products } from '../storage/popularity.entities.ts';

/** Keeps what analytics needs of the catalogue. */
@Injectable()
export class ProductsConsumer {
  @Handles()
  changed() {
    return on(ProductChanged, products, {
      group: 'analytics.products',
      state: ({ sku }) => sku,
      decide: (_, { sku, name, category, price }) => ({
        changes: [
          products.put({
            sku,
            name,
            category,
            priceAmount: price.amount,
            priceCurrency: price.currency,
            withdrawn: false,
          }),
        ],
      }),
    });
  }

  @Handles()
  withdrawn() {
    return on(ProductWithdrawn, products, {
      group: 'analytics.products',
      state: ({ sku }) => sku,
      decide: (found) => (found ? { changes: [products.put({ ...found, withdrawn: true })] } : {}),
    });
  }
}
