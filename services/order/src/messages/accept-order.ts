import { momentText } from '@waybill/contracts';
import type { KeptAnswer } from '@waybill/http';
import type { Change, DecideContext, Decision } from '@waybill/messaging';
import { begin, notesOf, sagas } from '@waybill/saga';
import { storeAnswer, storedAnswerOf } from '@waybill/service';
import { toMessages } from '../domain/order.announcements.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order } from '../domain/order.ts';
import { orderNumber } from '../domain/order-number.ts';
import { storedTaxes } from '../domain/order-taxes.ts';
import { creditPartOf } from '../domain/payment-choice.ts';
import { type CatalogueItem, type Price, type Product, priceOf } from '../domain/pricing.ts';
import { placeOrderSaga } from '../sagas/place-order.saga.ts';
import { catalogue, orders } from '../storage/order.entities.ts';
import type { Accepted, AcceptOrderData } from './order.local.ts';
import { viewOf } from './order.view.ts';
import { type VoucherUse, voucherUse } from './use-voucher.ts';

export interface AcceptSettings {
  readonly currency: string;
  /** The saga's reply timeout in milliseconds. */
  readonly net: number;
}

/** Accepts an order: order, saga, first command, event and stored response in one decision. */
export function acceptOrder(
  known: Order | undefined,
  order: AcceptOrderData,
  context: DecideContext<undefined>,
  settings: AcceptSettings,
): Decision {
  const stored = storedAnswerOf(order.idempotency, context);
  if (stored) return answer({ accepted: stored, replayed: true });
  // Unknown commit outcome: the first delivery was committed, and the message was delivered again.
  if (known) return answer({ accepted: answerOf(known), replayed: false });
  const learned = newProducts(order, context);
  const use = voucherUse(order, context);
  const price = priced(order, context, { learned, currency: settings.currency, use });
  if ('missing' in price) return answer(price);
  const credit = creditPartOf(order.payment, { amount: price.total, currency: price.currency });
  const placed = placedEvent(order, price, credit);
  const at = momentText(context.now);
  const next = evolve(undefined, placed, { id: order.orderId, version: 1, at });
  const saga = begin(placeOrderSaga, sagaData(order, price, credit), {
    now: context.now,
    net: settings.net,
  });
  const accepted = answerOf(next);
  const changes: Change[] = [
    orders.append(order.orderId, placed),
    sagas.put(saga.state),
    ...learned.map((product) => catalogue.put({ ...product, withdrawn: false })),
    ...(use?.changes ?? []),
    ...storeAnswer(order.idempotency, accepted, at),
  ];
  return {
    changes,
    send: [...saga.send, ...toMessages(next, [placed])],
    notes: notesOf(saga),
    ...answer({ accepted, replayed: false }),
  };
}

const answerOf = (order: Order): KeptAnswer => ({
  status: 202,
  location: `/api/v1/orders/${order.id}`,
  body: JSON.stringify(viewOf(order)),
});

/** Typed here, because the `answer` of a decision is not. */
const answer = (accepted: Accepted): { answer: Accepted } => ({ answer: accepted });

/** Products from inventory's reply that are missing or older in the service's own catalogue. */
const newProducts = (order: AcceptOrderData, context: DecideContext<undefined>): Product[] =>
  order.found.filter((found) => {
    const known = context.read(catalogue.at(found.sku));
    return !known || known.productVersion < found.productVersion;
  });

/** What the price of an order depends on, besides the order. */
interface Terms {
  readonly learned: readonly Product[];
  readonly currency: string;
  readonly use: VoucherUse | undefined;
}

const priced = (
  { lines, country, shippingMethod, vatId }: AcceptOrderData,
  context: DecideContext<undefined>,
  { learned, currency, use }: Terms,
) =>
  priceOf(
    {
      lines,
      shippingMethod,
      currency,
      vatId,
      country,
      discountOn: use?.discountOn,
    },
    (sku) => learned.find((each) => each.sku === sku) ?? onSale(context.read(catalogue.at(sku))),
  );

const onSale = (known: CatalogueItem | undefined): Product | undefined =>
  known?.withdrawn ? undefined : known;

const placedEvent = (
  order: AcceptOrderData,
  price: Price,
  credit: number | undefined,
): Extract<OrderEvent, { type: 'placed' }> => ({
  type: 'placed',
  data: {
    number: orderNumber(order.orderId),
    customerId: order.customer.id,
    total: price.total,
    currency: price.currency,
    content: {
      customerName: order.customer.name,
      customerEmail: order.customer.email,
      lines: price.lines,
      shippingAddress: order.shippingAddress,
      country: order.country,
      shippingMethod: order.shippingMethod,
      note: order.note,
      subtotal: price.subtotal,
      shippingCost: price.shippingCost,
      tax: price.tax,
      ...storedTaxes(price.taxes),
      ...(order.vatId === null ? {} : { vatId: order.vatId }),
      ...(price.reverseCharge ? { reverseCharge: true } : {}),
      ...(order.voucherCode === null
        ? {}
        : { voucher: { code: order.voucherCode, discount: price.discount } }),
      ...(credit === undefined ? {} : { credit }),
    },
  },
});

const sagaData = (order: AcceptOrderData, price: Price, credit: number | undefined) => ({
  orderId: order.orderId,
  customerId: order.customer.id,
  lines: [...order.lines],
  total: { amount: price.total, currency: price.currency },
  ...('token' in order.payment ? { paymentToken: order.payment.token } : {}),
  ...(credit === undefined ? {} : { credit: { amount: credit, currency: price.currency } }),
  address: order.shippingAddress,
  country: order.country,
  shippingMethod: order.shippingMethod,
  weightGrams: price.weightGrams,
  // One line weighs as much as the order, so only several need weights of their own.
  ...(price.unitWeights.length > 1 ? { unitWeights: [...price.unitWeights] } : {}),
});
