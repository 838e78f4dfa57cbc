import {
  type DataOf,
  momentText,
  PaymentAuthorized,
  PaymentCaptured,
  type RejectionReason,
  rejectionReason,
  ShipmentBooked,
} from '@waybill/contracts';
import type { Change, Decision } from '@waybill/messaging';
import {
  cancelled,
  notesOf,
  react,
  type SagaDecision,
  type SagaInput,
  type SagaLogEntry,
  type SagaState,
} from '@waybill/saga';
import { cancel, confirm, reject, requestCancel } from '../domain/order.decisions.ts';
import { happened, type OrderEvent } from '../domain/order.events.ts';
import { fold, type Order } from '../domain/order.ts';
import type { PlaceOrder } from '../sagas/place-order.saga.ts';
import { registry } from '../sagas/sagas.ts';
import { orders, sagas } from '../storage/order.states.ts';
import { toMessages } from './order.announcements.ts';

export interface ReactionContext {
  readonly now: Date;
  /** The saga's net in milliseconds. */
  readonly net: number;
}

/**
 * What the saga and its order do on an input, as one decision; `refused` when an operator asked for harm. A saga
 * goes on by the definition that it began with.
 */
export function advance(
  order: Order,
  saga: SagaState<PlaceOrder>,
  input: SagaInput,
  context: ReactionContext,
): Decision & { readonly refused?: SagaDecision['refused'] } {
  const reaction = react<PlaceOrder>(registry.of(saga), saga, input, context);
  if (reaction.refused) return { refused: reaction.refused };
  if (reaction.state === saga) return {};
  const events = eventsOf(order, reaction, input);
  const at = momentText(context.now);
  const next = fold(order, events, order.id, at) ?? order;
  const changes: Change[] = [sagas.put(reaction.state)];
  if (events.length > 0) changes.push(orders.append(order.id, ...events));
  const send = [...reaction.send, ...toMessages(next, events)];
  return { changes, send, notes: notesOf(reaction) };
}

/** The saga's news as events of its order. */
function eventsOf(
  order: Order,
  reaction: SagaDecision<PlaceOrder>,
  input: SagaInput,
): OrderEvent[] {
  const events: OrderEvent[] = [];
  const current = (): Order => fold(order, events, order.id, reaction.state.updatedAt) ?? order;
  for (const entry of reaction.did) events.push(...eventsAt(current, entry, input));
  if (reaction.outcome === 'aborted') events.push(...endOf(current(), reaction.state.reason));
  return events;
}

function eventsAt(
  current: () => Order,
  { step, what, detail }: SagaLogEntry,
  input: SagaInput,
): OrderEvent[] {
  const data = 'type' in input ? input.data : undefined;
  switch (`${what} ${step}`) {
    case 'succeeded authorize-payment':
      return [authorized(data as DataOf<typeof PaymentAuthorized>)];
    case 'succeeded book-shipment':
      return [booked(data as DataOf<typeof ShipmentBooked>)];
    case 'succeeded capture-payment':
      return [captured(data as DataOf<typeof PaymentCaptured>)];
    case 'did confirm-order':
      return confirm(current());
    case 'undone authorize-payment':
      return [happened('payment-voided')];
    case 'undone book-shipment':
      return [happened('shipment-cancelled')];
    default:
      return what === 'cancelled' ? requestCancel(current(), detail ?? '') : [];
  }
}

const endOf = (order: Order, reason: string | null): OrderEvent[] =>
  reason === cancelled ? cancel(order) : reject(order, asReason(reason));

/** A participant may name a reason of its own ("undone before it came"): for the customer it took too long. */
const asReason = (reason: string | null): RejectionReason =>
  rejectionReason.safeParse(reason).data ?? 'timed_out';

const authorized = ({ paymentId, amount }: DataOf<typeof PaymentAuthorized>): OrderEvent => ({
  type: 'payment-authorized',
  data: { paymentId, amount: amount.amount },
});

const booked = (data: DataOf<typeof ShipmentBooked>): OrderEvent => ({
  type: 'shipment-booked',
  data: { id: data.shipmentId, carrier: data.carrier, trackingNumber: data.trackingNumber },
});

const captured = ({ amount }: DataOf<typeof PaymentCaptured>): OrderEvent => ({
  type: 'payment-captured',
  data: { amount: amount.amount },
});
