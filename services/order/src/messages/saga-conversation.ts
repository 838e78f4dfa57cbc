import {
  type DataOf,
  type Message,
  ReleaseStock,
  type ReviewReservation,
} from '@waybill/contracts';
import type { DecideContext, Decision } from '@waybill/messaging';
import { isSettled, type SagaInput, sagaId } from '@waybill/saga';
import type { Order } from '../domain/order.ts';
import { placeOrderSaga } from '../sagas/place-order.saga.ts';
import { sagas } from '../storage/order.states.ts';
import { advance } from './place-order.reaction.ts';
import { SagaRefused } from './saga.errors.ts';

type Context = Pick<DecideContext<unknown>, 'now' | 'read'>;

/** The row of an order's saga. */
export const sagaOf = (orderId: string) => sagas.at(sagaId(placeOrderSaga, orderId));

/** What the order service decides when somebody speaks to the saga of an order. */
export class SagaConversation {
  constructor(
    /** The saga's net in milliseconds. */
    private readonly net: number,
  ) {}

  hear(order: Order | undefined, orderId: string, input: SagaInput, context: Context): Decision {
    const saga = context.read(sagaOf(orderId));
    if (!order || !saga) return {};
    return advance(order, saga, input, { now: context.now, net: this.net });
  }

  operate(
    order: Order | undefined,
    { orderId, wish }: { readonly orderId: string; readonly wish: 'retry' | 'compensate' },
    context: Context,
  ): Decision {
    const saga = context.read(sagaOf(orderId));
    if (!order || !saga) throw new SagaRefused('not_found', `there is no saga of order ${orderId}`);
    const input: SagaInput = wish === 'retry' ? { retry: true } : { compensate: 'timed_out' };
    const { refused, ...decision } = advance(order, saga, input, {
      now: context.now,
      net: this.net,
    });
    if (refused) throw new SagaRefused(refused.code, refused.detail);
    return decision;
  }

  /** Inventory asks about an old reservation: an order that came to nothing gives it back, a hanging one gives up. */
  review(
    order: Order | undefined,
    { orderId, lines }: DataOf<typeof ReviewReservation>,
    context: Context,
  ): Decision {
    const saga = context.read(sagaOf(orderId));
    if (!order || !saga) return { send: [release(orderId, lines)] };
    if (!isSettled(saga)) return this.hear(order, orderId, { compensate: 'timed_out' }, context);
    return saga.status === 'aborted' ? { send: [release(orderId, lines)] } : {};
  }
}

const release = (orderId: string, lines: DataOf<typeof ReviewReservation>['lines']): Message =>
  ReleaseStock({ orderId, lines }) as Message;
