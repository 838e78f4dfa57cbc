import { Injectable } from '@nestjs/common';
import { ProductChanged } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { catalogue } from '../storage/order.entities.ts';

/** Maintains the service's copy of inventory's products; an older version never replaces a newer one. */
@Injectable()
export class CatalogueConsumer {
  @Handles()
  change() {
    return on(ProductChanged, catalogue, {
      group: 'order.catalogue',
      state: ({ sku }) => sku,
      decide: (known, { sku, name, price, weightGrams, taxClass, version }) => {
        if (known && known.productVersion >= version) return {};
        const product = {
          sku,
          name,
          priceAmount: price.amount,
          currency: price.currency,
          weightGrams,
          taxClass: taxClass ?? 'standard',
          productVersion: version,
        };
        return { changes: [catalogue.put(product)] };
      },
    });
  }
}
