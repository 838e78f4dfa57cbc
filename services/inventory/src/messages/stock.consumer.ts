import { Inject, Injectable } from '@nestjs/common';
import {
  CommitStock,
  type Line,
  type Message,
  ReleaseStock,
  ReserveStock,
  RestockReturn,
  RestoreStock,
  ReturnRestocked,
  ReviewReservation,
  StockCommitted,
  StockLow,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestored,
} from '@waybill/contracts';
import { type DecideContext, type Decision, Handles, on } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import type { ParcelLines } from '../domain/allocation.ts';
import {
  commitLines,
  type ReservationOutcome,
  releaseLines,
  reserveLines,
  restoreLines,
  reviewOverdue,
} from '../domain/reservation.ts';
import { restockReturn } from '../domain/returned-goods.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { movements, reservations, returnedGoods, stock } from '../storage/inventory.entities.ts';
import { ReviewOverdue } from './inventory.local.ts';

/** The commands of the order sagas to the stock: reserve, release, commit, restore, and take returned goods back. */
@Injectable()
export class StockConsumer {
  constructor(@Inject(CONFIG) private readonly config: InventoryConfig) {}

  @Handles()
  reserve() {
    return on(ReserveStock, reservations, {
      state: (command) => command.orderId,
      begins: true,
      also: (command) => stockOf(command.lines),
      decide: (found, command, context) =>
        decision(
          command.orderId,
          reserveLines(found, command, reader(context), {
            now: context.now,
            reviewAfter: this.config.reservationReviewAfter,
          }),
        ),
    });
  }

  @Handles()
  release() {
    return on(ReleaseStock, reservations, {
      state: (command) => command.orderId,
      also: (command) => stockOf(command.lines),
      decide: (found, command, context) =>
        decision(command.orderId, releaseLines(found, command, reader(context), context.now)),
    });
  }

  @Handles()
  commit() {
    return on(CommitStock, reservations, {
      state: (command) => command.orderId,
      also: (command) => stockOf(command.lines),
      decide: (found, command, context) =>
        decision(command.orderId, commitLines(found, command, reader(context), context.now)),
    });
  }

  @Handles()
  restore() {
    return on(RestoreStock, reservations, {
      state: (command) => command.orderId,
      also: (command) => stockOf(command.lines),
      decide: (found, command, context) =>
        decision(command.orderId, restoreLines(found, command, reader(context), context.now)),
    });
  }

  @Handles()
  restockReturn() {
    return on(RestockReturn, returnedGoods, {
      state: ({ returnId }) => returnId,
      begins: true,
      also: ({ orderId, lines }) => [reservations.at(orderId), ...stockOf(lines)],
      decide: (found, command, context) => {
        const { orderId, returnId } = command;
        const reservation = context.read(reservations.at(orderId));
        const sold = { reservation, stockOf: reader(context) };
        const outcome = restockReturn(found, command, sold, context.now);
        return {
          changes: [
            ...(outcome.goods ? [returnedGoods.put(outcome.goods)] : []),
            ...outcome.stocks.map((each) => stock.put(each)),
            ...outcome.movements.map((each) => movements.entry(each)),
          ],
          send: [ReturnRestocked({ orderId, returnId })],
        };
      },
    });
  }

  @Handles()
  review() {
    return on(ReviewOverdue, reservations, {
      state: ({ orderId }) => orderId,
      decide: (found, _, { now }) => {
        const next = reviewOverdue(found, now);
        if (!next) return {};
        const { orderId, lines, reservedAt } = next;
        return {
          changes: [reservations.put(next)],
          send: [ReviewReservation({ orderId, lines: linesToSend(lines), reservedAt })],
        };
      },
    });
  }
}

const stockOf = (lines: readonly Line[]) => lines.map(({ sku }) => stock.at(sku));

const reader =
  <A>(context: DecideContext<A>) =>
  (sku: string) =>
    context.read(stock.at(sku));

function decision(orderId: string, outcome: ReservationOutcome): Decision {
  return {
    changes: [
      ...(outcome.reservation ? [reservations.put(outcome.reservation)] : []),
      ...outcome.stocks.map((each) => stock.put(each)),
      ...outcome.movements.map((each) => movements.entry(each)),
    ],
    send: [
      replyOf(orderId, outcome),
      ...outcome.low.map(({ sku, available, threshold }) =>
        StockLow({ sku, available, threshold }),
      ),
    ],
  };
}

const linesToSend = (lines: readonly Line[]): Line[] =>
  lines.map(({ sku, quantity }) => ({ sku, quantity }));

const parcelsToSend = (parcels: readonly ParcelLines[]) =>
  parcels.map(({ warehouse, lines }) => ({ warehouse, lines: linesToSend(lines) }));

function replyOf(orderId: string, { answer }: ReservationOutcome): Message {
  switch (answer.is) {
    case 'reserved':
      return StockReserved({
        orderId,
        ...(answer.parcels ? { parcels: parcelsToSend(answer.parcels) } : {}),
      });
    case 'released':
      return StockReleased({ orderId });
    case 'committed':
      return StockCommitted({ orderId });
    case 'restored':
      return StockRestored({ orderId });
    case 'rejected':
      return StockRejected({ orderId, reason: answer.reason, skus: [...answer.skus] });
  }
}
