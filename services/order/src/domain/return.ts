import type { Line } from '@waybill/contracts';
import type { OrderEvent } from './order.events.ts';

/** What comes back of a line. What is neither received nor refused when the return ends was not sent. */
export interface ReturnedLine extends Line {
  readonly received: number;
  /** Of those that were received; the others are not put on sale. */
  readonly sellable: number;
  readonly refused: number;
}

/** `authorized`: the shop waits for the goods. `received`: they are here, and are being refunded. The other two are final. */
export const returnStatuses = ['authorized', 'received', 'refunded', 'refused'] as const;

/** Goods that a customer, or a carrier who could not deliver them, sends back. One return of an order is open at a time. */
export interface OrderReturn {
  readonly id: string;
  readonly status: (typeof returnStatuses)[number];
  readonly reason: string;
  readonly lines: readonly ReturnedLine[];
  /** In minor units, once it is refunded. */
  readonly refunded: number;
  readonly requestedAt: string;
  readonly updatedAt: string;
}

const newReturn = (
  { returnId, reason, lines }: { returnId: string; reason: string; lines: readonly Line[] },
  at: string,
): OrderReturn => ({
  id: returnId,
  status: 'authorized',
  reason,
  lines: lines.map((line) => ({ ...line, received: 0, sellable: 0, refused: 0 })),
  refunded: 0,
  requestedAt: at,
  updatedAt: at,
});

/** What a return still waits for. */
export const awaited = ({ lines }: OrderReturn): Line[] =>
  lines
    .map(({ sku, quantity, refused }) => ({ sku, quantity: quantity - refused }))
    .filter(({ quantity }) => quantity > 0);

/** The events that change the returns of an order. */
export type ReturnEvent = Extract<
  OrderEvent,
  { readonly type: `return-${string}` | 'payment-refunded' }
>;

/** The returns of an order after one more event. */
export function evolveReturns(
  returns: readonly OrderReturn[],
  event: ReturnEvent,
  at: string,
): readonly OrderReturn[] {
  if (event.type === 'return-requested') return [...returns, newReturn(event.data, at)];
  const id = event.type === 'payment-refunded' ? event.data.refundId : event.data.returnId;
  return returns.map((each) =>
    each.id === id ? { ...each, ...changeBy(each, event), updatedAt: at } : each,
  );
}

function changeBy(
  found: OrderReturn,
  event: Exclude<ReturnEvent, { type: 'return-requested' }>,
): Partial<OrderReturn> {
  switch (event.type) {
    case 'payment-refunded':
      return { refunded: event.data.amount };
    case 'return-completed':
      return { status: 'refunded' };
    case 'return-received': {
      const { lines } = event.data;
      return {
        status: 'received',
        lines: found.lines.map((line) => {
          const come = lines.find(({ sku }) => sku === line.sku);
          return come ? { ...line, received: come.quantity, sellable: come.sellable } : line;
        }),
      };
    }
    case 'return-refused': {
      const lines = found.lines.map((line) => {
        const { quantity = 0 } = event.data.lines.find(({ sku }) => sku === line.sku) ?? {};
        return { ...line, refused: line.refused + quantity };
      });
      const isOver = lines.every(({ quantity, refused }) => refused === quantity);
      return { lines, ...(isOver ? { status: 'refused' } : {}) };
    }
  }
}
