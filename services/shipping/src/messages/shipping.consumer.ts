import { Injectable } from '@nestjs/common';
import {
  BookAtCarrier,
  BookShipment,
  CancelShipment,
  SettleCancel,
  StopShipment,
  WithdrawBooking,
} from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import { type Decision, Handles, on, type StateRef } from '@waybill/messaging';
import { CarrierSilent, Carriers } from '../clients/carrier.ts';
import { plainAddress } from '../clients/plain-address.ts';
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
  giveUpWithdrawal,
  isSettlingAt,
  mayBeBooked,
  settleCancel,
} from '../domain/cancel-shipment.ts';
import type { BookAnswer, CancelAnswer } from '../domain/carrier-answer.ts';
import { takeFact } from '../domain/carrier-facts.ts';
import {
  cancelParcels,
  type Outcomes,
  ofOrder,
  requestParcels,
  stopParcels,
} from '../domain/parcels.ts';
import {
  isUnderWay,
  keyOf,
  type Outcome,
  operationIdOf,
  orderOf,
  type Shipment,
  type ShipmentRequest,
} from '../domain/shipment.ts';
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
    private readonly cipher: FieldCipher,
  ) {}

  @Handles()
  book() {
    return on(BookShipment, shipments, {
      state: ({ orderId }) => orderId,
      also: ({ orderId, parcels }) => others({ orderId, parcels: parcels?.length }),
      giveUpAfter: quotingLimit,
      call: async (found, command) => (found ? undefined : this.candidates(command)),
      decide: (found, command, { answer, now, id, read }) => {
        if (!command.parcels) {
          return decision(requestShipment(found, command, answer?.[0], { now, id }));
        }
        const named = { orderId: command.orderId, parcels: command.parcels.length };
        const all = [found, ...others(named).map(read)].filter((each) => each !== undefined);
        return decisions(requestParcels(all, command, answer, { now, id }));
      },
      onRetriesExhausted: (found, command, { error, now, id }) => {
        if (!(error instanceof NoOffers)) throw error;
        return decision(giveUpQuoting(found, command, { now, id }));
      },
    });
  }

  @Handles()
  bookAtCarrier() {
    return on(BookAtCarrier, shipments, {
      state: keyIn,
      also: others,
      giveUpAfter: bookingLimit,
      call: async (found, { carrier }) =>
        isBookingAt(found, carrier) ? this.bookAt(carrier, found) : undefined,
      decide: (found, command, { answer, now, read }) =>
        forOrder(takeBookAnswer(found, command.carrier, answer, now), command, { now, read }),
      onRetriesExhausted: (found, { carrier }, { error, now }) => {
        const detail = (error as Error).message;
        return decision(takeBookAnswer(found, carrier, { outcome: 'unknown', detail }, now));
      },
    });
  }

  @Handles()
  withdraw() {
    return on(WithdrawBooking, shipments, {
      state: keyIn,
      also: others,
      giveUpAfter: withdrawalLimit,
      call: async (found, { carrier }) =>
        isWithdrawingAt(found, carrier) ? this.cancelAt(carrier, found) : undefined,
      decide: (found, withdrawal, { answer, now, read }) =>
        forOrder(takeWithdrawal(found, withdrawal, answer, now), withdrawal, { now, read }),
      onRetriesExhausted: (found, withdrawal, { now, read }) =>
        forOrder(giveUpWithdrawal(found, withdrawal, now), withdrawal, { now, read }),
    });
  }

  @Handles()
  cancel() {
    return on(CancelShipment, shipments, {
      state: ({ orderId }) => orderId,
      also: others,
      call: async (found, command, { read }) =>
        Promise.all(
          [found, ...others(command).map(read)].map((each) =>
            mayBeBooked(each)
              ? this.cancelAt(each.carrier, each).catch(() => ({ outcome: 'unknown' }) as const)
              : undefined,
          ),
        ),
      decide: (found, command, { answer, now, id, read }) => {
        const all = [found, ...others(command).map(read)].map(answeredBy(answer));
        return decisions(cancelParcels(all, command.orderId, { now, id }));
      },
    });
  }

  @Handles()
  stop() {
    return on(StopShipment, shipments, {
      state: ({ orderId }) => orderId,
      also: others,
      call: async (found, command, { read }) => this.stopAll([found, ...others(command).map(read)]),
      decide: (found, command, { answer, now, id, read }) => {
        const all = [found, ...others(command).map(read)].map(answeredBy(answer));
        return decisions(stopParcels(all, command.orderId, { now, id }));
      },
    });
  }

  @Handles()
  settle() {
    return on(SettleCancel, shipments, {
      state: keyIn,
      call: async (found, { carrier }) =>
        isSettlingAt(found, carrier) ? this.settleAt(carrier, found) : undefined,
      decide: (found, { carrier }, { answer, now }) =>
        decision(settleCancel(found, carrier, answer, now)),
    });
  }

  @Handles()
  take() {
    return on(TakeCarrierFact, shipments, {
      state: keyIn,
      decide: (found, fact, { now }) => {
        const { fate, ...outcome } = takeFact(found, fact, now);
        return { ...decision(outcome), answer: { fate } };
      },
    });
  }

  /** The carriers of each parcel, cheapest first. */
  private candidates(request: ShipmentRequest): Promise<readonly (readonly string[])[]> {
    const { country, method, parcels = [request] } = request;
    return Promise.all(
      parcels.map(async ({ weightGrams }) => {
        const parcel = { country, weightGrams, method };
        const { offers, missing } = await this.quoter.quotes(parcel);
        if (offers.length === 0 && missing.length > 0) throw new NoOffers(missing);
        return offers.map(({ carrier }) => carrier);
      }),
    );
  }

  /** One after the other, so that nothing is stopped in vain once a carrier has a parcel. */
  private async stopAll(
    all: readonly (Shipment | undefined)[],
  ): Promise<readonly (CancelAnswer | undefined)[]> {
    const answers: (CancelAnswer | undefined)[] = [];
    if (all.some((each) => each && isUnderWay(each))) return answers;
    for (const each of all) {
      const answer = mayBeBooked(each) ? await this.settleAt(each.carrier, each) : undefined;
      answers.push(answer);
      if (answer?.outcome === 'too_late') break;
    }
    return answers;
  }

  /** Every failure counts as an attempt, so that a carrier that is down for hours is called less and less often. */
  private settleAt(carrier: string, shipment: Shipment): Promise<CancelAnswer> {
    return this.cancelAt(carrier, shipment).catch((cause: unknown) => {
      throw new CarrierSilent(carrier, 'a cancellation', { cause });
    });
  }

  /** The request is made from the row, so that a repeated booking has the same body. */
  private async bookAt(carrier: string, shipment: Shipment): Promise<BookAnswer> {
    const { address: stored, method, weightGrams } = shipment;
    const orderId = orderOf(shipment);
    if (stored === null || method === null || weightGrams === null) {
      throw new TypeError(`the shipment of order ${orderId} has no parcel`);
    }
    const address = await plainAddress(this.cipher, stored);
    if (!address) return { outcome: 'refused', detail: 'the address is erased' };
    const operationId = operationIdOf(shipment);
    return this.carriers.get(carrier).book({ orderId, operationId, address, method, weightGrams });
  }

  private async cancelAt(carrier: string, shipment: Shipment): Promise<CancelAnswer> {
    return this.carriers.get(carrier).cancel(operationIdOf(shipment));
  }
}

/** What a message says about the parcel that it is about. */
interface Named {
  readonly orderId: string;
  readonly parcel?: number | undefined;
  readonly parcels?: number | undefined;
}

const keyIn = ({ orderId, parcel }: Named): string => keyOf(orderId, parcel);

/** The other parcels of the order. */
const others = ({ orderId, parcel = 1, parcels = 1 }: Named): readonly StateRef<Shipment>[] =>
  parcels === 1
    ? []
    : Array.from({ length: parcels }, (_, i) => i + 1)
        .filter((number) => number !== parcel)
        .map((number) => shipments.at(keyOf(orderId, number)));

const answeredBy =
  <A>(answers: readonly A[]) =>
  (found: Shipment | undefined, i: number) => ({ found, answer: answers[i] });

function forOrder(
  outcome: Outcome,
  named: Named,
  { now, read }: { now: Date; read: (ref: StateRef<Shipment>) => Shipment | undefined },
): Decision {
  const known = others(named).flatMap((ref) => read(ref) ?? []);
  return decisions(ofOrder(outcome, known, now));
}

const decisions = ({ shipments: changed, send }: Outcomes): Decision => ({
  changes: changed.map((each) => shipments.put(each)),
  send,
});

function decision({ shipment, send }: Outcome): Decision {
  return { changes: shipment ? [shipments.put(shipment)] : [], send };
}
