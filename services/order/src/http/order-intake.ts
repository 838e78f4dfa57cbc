import { Injectable } from '@nestjs/common';
import { FindProducts, foundProducts, newId, noProduct } from '@waybill/contracts';
import { type Caller, idempotencyOf, Problem } from '@waybill/http';
import { Requests, Submitter } from '@waybill/messaging';
import type { Trace } from '@waybill/observability';
import { checkedVatId, checkOrder } from '../domain/order.checks.ts';
import { OrderRefused } from '../domain/order.errors.ts';
import type { Product } from '../domain/pricing.ts';
import { voucherCodeOf } from '../domain/voucher.ts';
import { type Accepted, AcceptOrder, type AcceptOrderData } from '../messages/order.local.ts';
import { DoomedOrders } from './doomed-orders.ts';
import type { PlaceOrderBody } from './orders.schema.ts';
import { PersonalOrders } from './personal-orders.ts';

const requestOf = 300;

export type AcceptedOrder = Extract<Accepted, { readonly replayed: boolean }>;

/** Submits an order to the batches; requests products that are not in the service's own catalogue from inventory. */
@Injectable()
export class OrderIntake {
  constructor(
    private readonly submitter: Submitter,
    private readonly requests: Requests,
    private readonly doomed: DoomedOrders,
    private readonly personal: PersonalOrders,
  ) {}

  /** Resolves when the order is committed. Rejects with `OrderRefused`, or with a 503 if inventory is unavailable. */
  async accept(
    body: PlaceOrderBody,
    caller: Caller,
    idempotencyKey: string | undefined,
    trace: Trace,
  ): Promise<AcceptedOrder> {
    checkOrder(body);
    const payment = await this.doomed.paymentOf(body);
    const order: AcceptOrderData = {
      orderId: newId(),
      ...(await this.personal.encrypted(caller, { ...body, payment })),
      lines: body.lines,
      shippingMethod: body.shippingMethod,
      vatId: checkedVatId(body.vatId),
      voucherCode: body.voucherCode == null ? null : voucherCodeOf(body.voucherCode),
      idempotency: idempotencyOf(idempotencyKey, caller.id, 'POST /api/v1/orders', body),
      found: [],
    };
    const first = await this.submit(order, trace);
    if (!('missing' in first)) return first;
    const found = await this.callInventory(first.missing, trace);
    const second = await this.submit({ ...order, found }, trace);
    if (!('missing' in second)) return second;
    throw unknownSku(order, second.missing);
  }

  private submit(order: AcceptOrderData, trace: Trace): Promise<Accepted> {
    return this.submitter.submit<Accepted>(AcceptOrder(order), trace);
  }

  private async callInventory(skus: readonly string[], trace: Trace): Promise<Product[]> {
    const answer = await this.call(skus, trace);
    return foundProducts.parse(answer).products.map((product) => ({
      sku: product.sku,
      name: product.name,
      priceAmount: product.price.amount,
      currency: product.price.currency,
      weightGrams: product.weightGrams,
      taxClass: product.taxClass ?? 'standard',
      productVersion: product.version,
    }));
  }

  private async call(skus: readonly string[], trace: Trace): Promise<unknown> {
    const options = { ...trace, deadline: requestOf };
    try {
      return await this.requests.request(FindProducts, { skus: [...skus] }, options);
    } catch (cause) {
      const detail = `inventory does not answer what ${skus.join(', ')} cost; try again`;
      throw new Problem(503, 'inventory_unavailable', detail, {
        headers: { 'retry-after': '2' },
        cause,
      });
    }
  }
}

function unknownSku(order: AcceptOrderData, missing: readonly string[]): OrderRefused {
  const index = order.lines.findIndex(({ sku }) => missing.includes(sku));
  return new OrderRefused('unknown_sku', noProduct(...missing), `/lines/${index}/sku`);
}
