import { Inject, Injectable } from '@nestjs/common';
import {
  type Message,
  noProduct,
  ProductChanged,
  ProductRestocked,
  ProductWithdrawn,
  RestockProduct,
} from '@waybill/contracts';
import { type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { InventoryError } from '../domain/inventory.errors.ts';
import { checkPrecondition } from '../domain/precondition.ts';
import {
  changeProduct,
  createProduct,
  isOnSale,
  type Product,
  unlessStandard,
  withdrawProduct,
} from '../domain/product.ts';
import { type Restock, type RestockCommand, takeIn } from '../domain/restock.ts';
import { noStock, type Stock } from '../domain/stock.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { movements, products, restocks, stock } from '../storage/inventory.entities.ts';
import { ChangeProduct, SeedProduct, TakeGoodsIn, WithdrawProduct } from './inventory.local.ts';

/** Changes of the catalogue, and goods that arrive. */
@Injectable()
export class CatalogueConsumer {
  constructor(@Inject(CONFIG) private readonly config: InventoryConfig) {}

  @Handles()
  change() {
    return on(ChangeProduct, products, {
      state: ({ sku }) => sku,
      decide: (found, { price, expected, ...rest }, { now }) => {
        checkPrecondition(rest.sku, found, expected);
        this.checkCurrency(rest.sku, price.currency);
        const details = { ...rest, priceAmount: price.amount, currency: price.currency };
        const next = changeProduct(found, details, now);
        const created = !isOnSale(found);
        return next ? { ...changed(next), answer: { created } } : { answer: { created } };
      },
    });
  }

  /** Repeating it changes nothing. */
  @Handles()
  withdraw() {
    return on(WithdrawProduct, products, {
      state: ({ sku }) => sku,
      decide: (found, { sku, expected }, { now }) => {
        if (!found) throw new InventoryError('unknown_sku', noProduct(sku));
        if (!isOnSale(found)) return {};
        checkPrecondition(sku, found, expected);
        return changed(withdrawProduct(found, now));
      },
    });
  }

  @Handles()
  seed() {
    return on(SeedProduct, products, {
      state: ({ sku }) => sku,
      also: ({ sku }) => [stock.at(sku)],
      decide: (found, { quantity, threshold, warehouse, ...rest }, context) => {
        if (found) return {};
        const { sku } = rest;
        const empty = context.read(stock.at(sku)) ?? noStock(sku, threshold);
        const product = changed(
          createProduct({ ...rest, currency: this.config.shopCurrency }, context.now),
        );
        const goods =
          quantity > 0
            ? goodsIn(
                undefined,
                this.firstGoods({ sku, quantity, warehouse }, context),
                empty,
                context,
              )
            : { changes: [stock.put(empty)], send: [] };
        return {
          changes: [...(product.changes ?? []), ...(goods.changes ?? [])],
          send: [...(product.send ?? []), ...(goods.send ?? [])],
        };
      },
    });
  }

  @Handles()
  restock() {
    return on(RestockProduct, restocks, {
      state: ({ requestId }) => requestId,
      also: ({ sku }) => [products.at(sku), stock.at(sku)],
      decide: (found, command, context) => this.restocked(found, command, context),
    });
  }

  @Handles()
  takeGoodsIn() {
    return on(TakeGoodsIn, restocks, {
      state: ({ requestId }) => requestId,
      also: ({ sku }) => [products.at(sku), stock.at(sku)],
      decide: (found, command, context) => this.restocked(found, command, context),
    });
  }

  private restocked<A>(
    found: Restock | undefined,
    command: RestockCommand,
    context: DecideContext<A>,
  ): Decision {
    const { sku } = command;
    if (!context.read(products.at(sku))) {
      throw new InventoryError('unknown_sku', noProduct(sku));
    }
    const before = context.read(stock.at(sku)) ?? noStock(sku, this.config.lowStockThreshold);
    return goodsIn(found, command, before, context);
  }

  private firstGoods<A>(
    { warehouse = this.config.defaultWarehouse, ...goods }: FirstGoods,
    { id }: DecideContext<A>,
  ): RestockCommand {
    return { requestId: id('restock'), ...goods, warehouse };
  }

  private checkCurrency(sku: string, currency: string): void {
    if (currency === this.config.shopCurrency) return;
    throw new InventoryError(
      'wrong_currency',
      `the price of ${sku} is in ${currency}; this shop sells in ${this.config.shopCurrency}`,
      '/price/currency',
    );
  }
}

interface FirstGoods {
  readonly sku: string;
  readonly quantity: number;
  readonly warehouse?: string | undefined;
}

function goodsIn<A>(
  found: Restock | undefined,
  command: RestockCommand,
  before: Stock,
  { now, id }: DecideContext<A>,
): Decision {
  const done = takeIn(found, command, before, { now, reference: id('movement') });
  if (!done) return { answer: found };
  const { requestId, sku, quantity, available } = done.restock;
  return {
    changes: [restocks.put(done.restock), stock.put(done.stock), movements.entry(done.movement)],
    send: [ProductRestocked({ requestId, sku, quantity, available })],
    answer: done.restock,
  };
}

/** Stores a changed product, and tells other services. */
export const changed = (product: Product) => ({
  changes: [products.put(product)],
  send: [productNews(product)],
});

/** The event for other services about the present state of a product. */
export const productNews = (product: Product): Message =>
  isOnSale(product)
    ? (ProductChanged({
        sku: product.sku,
        name: product.name,
        category: product.category,
        price: { amount: product.priceAmount, currency: product.currency },
        weightGrams: product.weightGrams,
        ...unlessStandard(product.taxClass),
        version: product.revision,
      }) as Message)
    : (ProductWithdrawn({ sku: product.sku, version: product.revision }) as Message);
