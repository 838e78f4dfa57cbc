import { momentText } from '@waybill/contracts';
import type { DecideContext, Decision } from '@waybill/messaging';
import { isSettled, notesOf, type SagaState, sagas } from '@waybill/saga';
import { toMessages } from '../domain/order.announcements.ts';
import type { OrderEvent } from '../domain/order.events.ts';
import { fold, type Order } from '../domain/order.ts';
import { sagasOf } from '../sagas/order-sagas.ts';
import { beginReturn } from '../sagas/return-order.saga.ts';
import { orders } from '../storage/order.entities.ts';

/**
 * Adds events to an order. If it has a return to take back, that saga begins, unless another of the order runs: then it begins when that
 * one has settled (`followedBy`). The handler loads `sagasOf` the order.
 */
export function orderDecision(
  order: Order,
  events: readonly OrderEvent[],
  { now, read }: Pick<DecideContext<unknown>, 'now' | 'read'>,
  net: number,
): Decision {
  const next = fold(order, events, order.id, momentText(now));
  if (!next || events.length === 0) return {};
  const isRunning = sagasOf(order.id).some((ref) => {
    const row: SagaState | undefined = read(ref);
    return row !== undefined && !isSettled(row);
  });
  const saga = isRunning ? undefined : beginReturn(next, { now, net });
  return {
    changes: [orders.append(order.id, ...events), ...(saga ? [sagas.put(saga.state)] : [])],
    send: [...(saga?.send ?? []), ...toMessages(next, events)],
    notes: saga ? notesOf(saga) : [],
  };
}
