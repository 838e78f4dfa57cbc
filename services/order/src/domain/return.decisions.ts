import { type Line, onSeveralLines } from '@waybill/contracts';
import { ReturnRefused, WrongState } from './order.errors.ts';
import { happened, type OrderEvent, type OrderRefund, type ReceivedLine } from './order.events.ts';
import type { Order } from './order.ts';
import { keptLines, refundOf } from './refund.ts';
import { awaited, type OrderReturn } from './return.ts';
import type { Shipment } from './shipment.ts';

/** What a customer wants to send back. */
export interface ReturnRequest {
  readonly returnId: string;
  readonly reason: string;
  readonly lines: readonly Line[];
}

/** The return of an order that is not at its end, if there is one. */
export const openReturn = ({ returns }: Order): OrderReturn | undefined =>
  returns.find(({ status }) => status === 'authorized' || status === 'received');

/** A customer wants to send goods of a delivered order back. The same request again gets the return that is open. */
export function requestReturn(
  order: Order,
  request: ReturnRequest,
): { readonly returnId: string; readonly events: readonly OrderEvent[] } {
  const open = openReturn(order);
  if (open && isSame(open, request)) return { returnId: open.id, events: [] };
  if (order.status !== 'delivered') throw new WrongState(order.id, order.status, 'returning');
  assertWithin(request.lines, keptLines(order), 'can be returned');
  const { returnId } = request;
  return {
    returnId,
    events: [{ type: 'return-requested', data: request }, happened('returning')],
  };
}

/** Goods of a return have come. What is missing of it was not sent, so the return waits for nothing else. */
export function receiveReturn(
  order: Order,
  returnId: string,
  lines: readonly ReceivedLine[] | undefined,
): OrderEvent[] {
  const open = awaitedReturn(order, returnId, 'received');
  const all = awaited(open).map((line) => ({ ...line, sellable: line.quantity }));
  if (lines) assertWithin(lines, all, 'are awaited');
  return [{ type: 'return-received', data: { returnId, lines: lines ?? all } }];
}

/** Goods of a return are not accepted. The return goes on with the others; without any, the order is as before. */
export function refuseReturn(
  order: Order,
  returnId: string,
  lines: readonly Line[] | undefined,
): OrderEvent[] {
  const all = awaited(awaitedReturn(order, returnId, 'refused'));
  if (lines) assertWithin(lines, all, 'are awaited');
  return [{ type: 'return-refused', data: { returnId, lines: lines ?? all } }];
}

/** A received return is restocked and refunded. */
export const completeReturn = (order: Order): OrderEvent[] => {
  const open = openReturn(order);
  if (!open) return [];
  const isEmpty = keptLines(order).length === 0;
  const status = isEmpty ? 'returned' : 'delivered';
  return [{ type: 'return-completed', data: { returnId: open.id, status } }];
};

/**
 * The refund of the order's return, as payment confirmed it, of which `credit` went to store credit. Nothing is recorded of a return
 * that cost nothing.
 */
export function recordRefund(order: Order, credit: number | undefined): OrderEvent[] {
  const open = openReturn(order);
  const data = open && refundOf(order, open);
  if (!data || data.amount === 0) return [];
  return [{ type: 'payment-refunded', data: { ...data, ...creditPart(credit) } }];
}

/** The part of a refund that went to store credit, if there is one. */
export const creditPart = (credit: number | undefined): Pick<OrderRefund, 'credit'> =>
  credit ? { credit } : {};

/**
 * Carriers have brought parcels back, because they could not deliver them or because a customer returns them. They are received as they
 * come: a carrier needs no authorization, and what nobody requested is a return of everything.
 */
export function bringBack(order: Order, moved: readonly Shipment[]): OrderEvent[] {
  const parcel = moved.find(isBack);
  if (!parcel) return [];
  const open = openReturn(order);
  if (open) return open.status === 'authorized' ? receiveReturn(order, open.id, undefined) : [];
  const lines = keptLines(order);
  const isSent = order.status === 'shipped' || order.status === 'delivered';
  // Which goods were in which parcel is not known here: a part of them is returned by a request.
  const isAllBack = order.shipments.every((each) => each.status === 'cancelled' || isBack(each));
  if (!isSent || !isAllBack || lines.length === 0) return [];
  // A parcel comes back once, so its id is that of its return.
  const returnId = parcel.id;
  const received = lines.map((line) => ({ ...line, sellable: line.quantity }));
  return [
    {
      type: 'return-requested',
      data: { returnId, reason: parcel.status, lines, byCarrier: true },
    },
    happened('returning'),
    { type: 'return-received', data: { returnId, lines: received } },
  ];
}

const isBack = ({ status }: Shipment): boolean =>
  status === 'undeliverable' || status === 'returned';

function awaitedReturn({ returns }: Order, returnId: string, wanted: string): OrderReturn {
  const found = returns.find(({ id }) => id === returnId);
  if (found?.status === 'authorized') return found;
  throw new WrongState(returnId, found?.status ?? 'unknown', wanted, 'return');
}

const isSame = (open: OrderReturn, { reason, lines }: ReturnRequest): boolean =>
  open.reason === reason &&
  open.lines.length === lines.length &&
  open.lines.every(({ sku, quantity }) =>
    lines.some((line) => line.sku === sku && line.quantity === quantity),
  );

/** Throws unless `lines` name each product once, and of each at most as many as `available`. */
function assertWithin(lines: readonly Line[], available: readonly Line[], verb: string): void {
  for (const [i, { sku, quantity }] of lines.entries()) {
    const path = `/lines/${i}`;
    if (lines.findIndex((line) => line.sku === sku) !== i) {
      throw new ReturnRefused('duplicate_sku', onSeveralLines(sku), `${path}/sku`);
    }
    const count = available.find((line) => line.sku === sku)?.quantity ?? 0;
    if (quantity > count) {
      const detail = `of ${sku} ${count} ${verb}, not ${quantity}`;
      throw new ReturnRefused('not_returnable', detail, `${path}/quantity`);
    }
  }
}
