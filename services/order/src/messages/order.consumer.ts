import { Inject, Injectable } from '@nestjs/common';
import { ReleaseStock, ReviewReservation } from '@waybill/contracts';
import { Handles, on } from '@waybill/messaging';
import { isSettled, SagaRunner, sagas } from '@waybill/saga';
import { CONFIG, storedAnswerRefs } from '@waybill/service';
import { mayCancel } from '../domain/order.decisions.ts';
import type { OrderConfig } from '../order.config.ts';
import { sagaOf } from '../sagas/order-sagas.ts';
import { catalogue, orders } from '../storage/order.entities.ts';
import { sagaActions } from '../storage/saga-action.entity.ts';
import { acceptOrder } from './accept-order.ts';
import { AcceptOrder, CancelOrder, OperateSaga } from './order.local.ts';
import { SagaRefused } from './saga.errors.ts';
import { voucherStates } from './use-voucher.ts';

/** Handles new orders, and requests of customers, operators and inventory to their sagas. */
@Injectable()
export class OrderConsumer {
  constructor(
    @Inject(CONFIG) private readonly config: OrderConfig,
    private readonly sagas: SagaRunner,
  ) {}

  @Handles()
  accept() {
    return on(AcceptOrder, orders, {
      state: ({ orderId }) => orderId,
      begins: true,
      also: (order) => [
        ...order.lines.map(({ sku }) => catalogue.at(sku)),
        ...storedAnswerRefs(order.idempotency),
        ...voucherStates(order),
      ],
      decide: (known, order, context) =>
        acceptOrder(known, order, context, {
          currency: this.config.shopCurrency,
          net: this.config.sagaNetMs,
        }),
    });
  }

  /** While the order is being placed, its saga aborts or remembers the cancel; afterwards another saga cancels the order. */
  @Handles()
  cancel() {
    return on(CancelOrder, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [sagaOf(orderId)],
      decide: (order, { orderId, reason }, { now, read }) => {
        const row = read(sagaOf(orderId));
        if (!row || !order) throw new SagaRefused('not_found', `there is no order ${orderId}`);
        return mayCancel(order) ? this.sagas.advance(row, order, { cancel: reason }, now) : {};
      },
    });
  }

  @Handles()
  operate() {
    return on(OperateSaga, orders, {
      state: ({ orderId }) => orderId,
      also: ({ sagaId: id }) => [sagas.at(id)],
      decide: (order, { orderId, sagaId: id, wish, by }, { now, read, id: idFor }) => {
        const row = read(sagas.at(id));
        if (!row || !order)
          throw new SagaRefused('not_found', `there is no saga ${id} of order ${orderId}`);
        const input = wish === 'retry' ? ({ retry: true } as const) : giveUp;
        const { refused, ...decision } = this.sagas.advance(row, order, input, now);
        if (refused) throw new SagaRefused(refused.code, refused.detail);
        const { step } = row;
        const action = { id: idFor('audit'), sagaId: id, orderId, action: wish, step, by };
        const audit = sagaActions.entry({ ...action, at: now.toISOString() });
        return { ...decision, changes: [...(decision.changes ?? []), audit] };
      },
    });
  }

  /** Inventory checks an old reservation: a failed order releases it, and a running saga is aborted. */
  @Handles()
  reviewReservation() {
    return on(ReviewReservation, orders, {
      state: ({ orderId }) => orderId,
      also: ({ orderId }) => [sagaOf(orderId)],
      decide: (order, { orderId, lines }, { now, read }) => {
        const row = read(sagaOf(orderId));
        const release = { send: [ReleaseStock({ orderId, lines })] };
        if (!row || !order) return release;
        if (isSettled(row)) return row.status === 'aborted' ? release : {};
        // The customer has as long as payment says.
        if (order.payment.status === 'requires_action') return {};
        return this.sagas.advance(row, order, giveUp, now);
      },
    });
  }
}

const giveUp = { compensate: 'timed_out' } as const;
