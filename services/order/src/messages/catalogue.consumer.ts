import { Injectable } from '@nestjs/common';
import { ProductChanged, ProductWithdrawn } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { catalogue } from '../storage/order.entities.ts';

const group = 'order.catalogue';

/** Maintains the service's copy of inventory's products; an older version never replaces a newer one. */
@Injectable()
export class CatalogueConsumer {
  @Handles()
  change() {
    return on(ProductChanged, catalogue, {
      group,
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
          withdrawn: false,
        };
        return { changes: [catalogue.put(product)] };
      },
    });
  }

  @Handles()
  withdraw() {
    return on(ProductWithdrawn, catalogue, {
      group,
      state: ({ sku }) => sku,
      decide: (known, { sku, version }) => {
        if (known && known.productVersion >= version) return {};
        const product = { ...(known ?? unknown(sku)), productVersion: version, withdrawn: true };
        return { changes: [catalogue.put(product)] };
      },
    });
  }
}

/** A product that was never ordered here: nothing reads these details until it is on sale again. XXX is no currency (ISO 4217). */
const unknown = (sku: string) => ({
  sku,
  name: sku,
  priceAmount: 1,
  currency: 'XXX',
  weightGrams: 1,
  taxClass: 'standard' as const,
});
