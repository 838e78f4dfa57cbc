import { Injectable } from '@nestjs/common';
import {
  BookAtCarrier,
  BookShipment,
  CancelShipment,
  SettleCancel,
  StopShipment,
  WithdrawBooking,
} from '@waybill/contracts';
import { type Decision, Handles, on } from '@waybill/messaging';
import { CarrierSilent, Carriers } from '../clients/carrier.ts';
import { NoOffers, Quoter } from '../clients/quoter.ts';
import {
  giveUpQuoting,
  isBookingAt,
  isWithdrawingAt,
  requestShipment,
  takeBookAnswer,
  takeWithdrawal,
} from '../domain/book-shipment.ts';
import {
  cancelShipment,
  giveUpWithdrawal,
  isSettlingAt,
  mayBeBooked,
  settleCancel,
  stopShipment,
} from '../domain/cancel-shipment.ts';
import type { CancelAnswer } from '../domain/carrier-answer.ts';
import { takeFact } from '../domain/carrier-facts.ts';
import type { Outcome, Shipment, ShipmentRequest } from '../domain/shipment.ts';
import { shipments } from '../storage/shipment.entity.ts';
import { TakeCarrierFact } from './shipping.local.ts';

/** Milliseconds without an offer after which the order is refused. */
const quotingLimit = 5_000;
/** Milliseconds that a booking that was never sent waits for its carrier. */
const bookingLimit = 2_000;
/** Milliseconds that an order waits until its carrier certainly has no booking. */
const withdrawalLimit = 2_000;

/** Commands of the order saga, and shipping's own local messages. */
@Injectable()
export class ShippingConsumer {
  constructor(
    private readonly carriers: Carriers,
    private readonly quoter: Quoter,
  ) {}

  @Handles()
  book() {
    return on(BookShipment, shipments, {
      state: ({ orderId }) => orderId,
      giveUpAfter: quotingLimit,
      call: async (found, command) => (found ? undefined : this.candidates(command)),
      decide: (found, command, { answer, now, id }) =>
        decision(requestShipment(found, command, answer, { now, id })),
      onRetriesExhausted: (found, command, { error, now, id }) => {
        if (!(error instanceof NoOffers)) throw error;
        return decision(giveUpQuoting(found, command, { now, id }));
      },
    });
  }

  @Handles()
  bookAtCarrier() {
    return on(BookAtCarrier, shipments, {
      state: ({ orderId }) => orderId,
      giveUpAfter: bookingLimit,
      call: async (found, { carrier }) =>
        isBookingAt(found, carrier) ? this.carriers.get(carrier).book(requestOf(found)) : undefined,
      decide: (found, { carrier }, { answer, now }) =>
        decision(takeBookAnswer(found, carrier, answer, now)),
      onRetriesExhausted: (found, { carrier }, { error, now }) => {
        const detail = (error as Error).message;
        return decision(takeBookAnswer(found, carrier, { outcome: 'unknown', detail }, now));
      },
    });
  }

  @Handles()
  withdraw() {
    return on(WithdrawBooking, shipments, {
      state: ({ orderId }) => orderId,
      giveUpAfter: withdrawalLimit,
      call: async (found, { carrier }) =>
        isWithdrawingAt(found, carrier) ? this.cancelAt(carrier, found) : undefined,
      decide: (found, withdrawal, { answer, now }) =>
        decision(takeWithdrawal(found, withdrawal, answer, now)),
      onRetriesExhausted: (found, withdrawal, { now }) =>
        decision(giveUpWithdrawal(found, withdrawal, now)),
    });
  }

  @Handles()
  cancel() {
    return on(CancelShipment, shipments, {
      state: ({ orderId }) => orderId,
      call: async (found) =>
        mayBeBooked(found)
          ? this.cancelAt(found.carrier, found).catch(() => ({ outcome: 'unknown' }) as const)
          : undefined,
      decide: (found, { orderId }, { answer, now, id }) =>
        decision(cancelShipment(found, orderId, answer, { now, id })),
    });
  }

  @Handles()
  stop() {
    return on(StopShipment, shipments, {
      state: ({ orderId }) => orderId,
      call: async (found) => (mayBeBooked(found) ? this.settleAt(found.carrier, found) : undefined),
      decide: (found, { orderId }, { answer, now, id }) =>
        decision(stopShipment(found, orderId, answer, { now, id })),
    });
  }

  @Handles()
  settle() {
    return on(SettleCancel, shipments, {
      state: ({ orderId }) => orderId,
      call: async (found, { carrier }) =>
        isSettlingAt(found, carrier) ? this.settleAt(carrier, found) : undefined,
      decide: (found, { carrier }, { answer, now }) =>
        decision(settleCancel(found, carrier, answer, now)),
    });
  }

  @Handles()
  take() {
    return on(TakeCarrierFact, shipments, {
      state: ({ orderId }) => orderId,
      decide: (found, fact, { now }) => {
        const { fate, ...outcome } = takeFact(found, fact, now);
        return { ...decision(outcome), answer: { fate } };
      },
    });
  }

  private async candidates(request: ShipmentRequest): Promise<readonly string[]> {
    const { address, weightGrams, method } = request;
    const parcel = { country: address.country, weightGrams, method };
    const { offers, missing } = await this.quoter.quotes(parcel);
    if (offers.length === 0 && missing.length > 0) throw new NoOffers(missing);
    return offers.map(({ carrier }) => carrier);
  }

  /** Every failure counts as an attempt, so that a carrier that is down for hours is called less and less often. */
  private settleAt(carrier: string, shipment: Shipment): Promise<CancelAnswer> {
    return this.cancelAt(carrier, shipment).catch((cause: unknown) => {
      throw new CarrierSilent(carrier, 'a cancellation', { cause });
    });
  }

  private async cancelAt(carrier: string, { orderId }: Shipment): Promise<CancelAnswer> {
    return this.carriers.get(carrier).cancel(orderId);
  }
}

function decision({ shipment, send }: Outcome): Decision {
  return { changes: shipment ? [shipments.put(shipment)] : [], send };
}

/** The request is made from the row, so that a repeated booking has the same body. */
function requestOf({ orderId, address, method, weightGrams }: Shipment): ShipmentRequest {
  if (address === null || method === null || weightGrams === null) {
    throw new TypeError(`the shipment of order ${orderId} has no parcel`);
  }
  return { orderId, address, method, weightGrams };
}
