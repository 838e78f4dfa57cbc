import {
  type Message,
  ShipmentBooked,
  ShipmentCancelled,
  ShipmentNotStopped,
  ShipmentRebooked,
  ShipmentRejected,
  ShipmentStopped,
} from '@waybill/contracts';
import { bookedReply, repeatedAnswer, requestShipment } from './book-shipment.ts';
import { bookAgain, cancelShipment, giveUp, stopShipment } from './cancel-shipment.ts';
import { type CancelAnswer, StaleCall } from './carrier-answer.ts';
import {
  isLive,
  isUnderWay,
  keyOf,
  type Moment,
  type Outcome,
  type Shipment,
  type ShipmentRequest,
} from './shipment.ts';

/** The result of a decision about all parcels of an order. */
export interface Outcomes {
  readonly shipments: readonly Shipment[];
  readonly send: readonly Message[];
}

/** Chooses a carrier for each parcel of an order; a parcel that no carrier takes refuses all. */
export function requestParcels(
  found: readonly Shipment[],
  request: ShipmentRequest,
  candidates: readonly (readonly string[])[] | undefined,
  moment: Moment,
): Outcomes {
  const [first] = found;
  if (first) return { shipments: [], send: repeatedReply(first, found) };
  if (!candidates) throw new StaleCall(request.orderId);
  const { parcels = [], orderId, ...rest } = request;
  const asked = parcels.map(({ warehouse, weightGrams }, i) => {
    const number = i + 1;
    const id = (name: string) => moment.id(i === 0 ? name : `${name}/${number}`);
    const outcome = requestShipment(
      undefined,
      { ...rest, orderId: keyOf(orderId, number), weightGrams },
      candidates[i],
      { ...moment, id },
      { orderId, number, of: parcels.length, warehouse },
    );
    return outcome as Required<Outcome>;
  });
  const refused = asked.find(({ shipment }) => shipment.refusal !== null);
  if (!refused) {
    return {
      shipments: asked.map(({ shipment }) => shipment),
      send: asked.flatMap(({ send }) => send),
    };
  }
  const { refusal, refusalReason } = refused.shipment;
  const because = { refusal, refusalReason, status: 'rejected', carrier: null } as const;
  const shipments = asked.map(({ shipment }) => ({ ...shipment, ...because, candidates: [] }));
  return { shipments, send: refused.send };
}

/** What the result for one parcel means for the order: it gets a reply when all are booked, or one is refused. */
export function ofOrder(
  { shipment, send }: Outcome,
  others: readonly Shipment[],
  now: Date,
): Outcomes {
  const shipments = shipment ? [shipment] : [];
  if (!shipment?.parcel) return { shipments, send };
  const rest = send.filter(({ contract }) => contract.type !== ShipmentBooked.type);
  if (rest.length < send.length) {
    const reply = bookedAgain(shipment) ?? bookedAll([shipment, ...others]);
    return { shipments, send: [...reply, ...rest] };
  }
  if (!send.some(({ contract }) => contract.type === ShipmentRejected.type)) {
    return { shipments, send };
  }
  const { refusal, refusalReason } = shipment;
  const givenUp = others
    .filter((each) => !isUnderWay(each))
    .map((each) => giveUp(each, { refusal, refusalReason }, now));
  return {
    shipments: [...shipments, ...givenUp.flatMap((each) => each.shipment ?? [])],
    send: [...send, ...givenUp.flatMap((each) => each.send)],
  };
}

/** A parcel and what its carrier answered, if it was asked. */
interface Answered<A> {
  readonly found: Shipment | undefined;
  readonly answer?: A | undefined;
}

/** Undoes all parcels; the reply is that of the parcel that is furthest from being undone. */
export function cancelParcels(
  all: readonly Answered<CancelAnswer | { readonly outcome: 'unknown' }>[],
  orderId: string,
  moment: Moment,
): Outcomes {
  const outcomes = known(all).map(({ found, answer }) =>
    cancelShipment(found, orderId, answer, moment),
  );
  const { shipments, send } = together(outcomes);
  const states = send.flatMap(stateOf);
  const state = furthest.find((each) => states.includes(each)) ?? 'never_booked';
  const rest = send.filter((each) => stateOf(each).length === 0);
  return { shipments, send: [ShipmentCancelled({ orderId, state }), ...rest] };
}

/** Stops all parcels, or none: what was stopped before a carrier turned out to have another parcel is booked again. */
export function stopParcels(
  all: readonly Answered<CancelAnswer>[],
  orderId: string,
  moment: Moment,
): Outcomes {
  const isTooLate = all.some(
    ({ found, answer }) => (found && isUnderWay(found)) || answer?.outcome === 'too_late',
  );
  const outcomes = known(all).map(({ found, answer }): Outcome => {
    if (!isTooLate || !found || answer?.outcome === 'too_late') {
      return stopShipment(found, orderId, answer, moment);
    }
    return answer ? bookAgain(found, moment.now) : { send: [] };
  });
  const { shipments, send } = together(outcomes);
  const rest = send.filter(({ contract }) => !stopReplies.includes(contract.type));
  const reply = isTooLate ? ShipmentNotStopped({ orderId }) : ShipmentStopped({ orderId });
  return { shipments, send: [reply, ...rest] };
}

const stopReplies: readonly string[] = [ShipmentStopped.type, ShipmentNotStopped.type];

/** An order without any shipment is undone by its first. */
function known<A>(all: readonly Answered<A>[]): readonly Answered<A>[] {
  const found = all.filter((each) => each.found);
  return found.length > 0 ? found : [{ found: undefined }];
}

const together = (outcomes: readonly Outcome[]): Outcomes => ({
  shipments: outcomes.flatMap(({ shipment }) => shipment ?? []),
  send: outcomes.flatMap(({ send }) => send),
});

const furthest = ['too_late', 'cancel_pending', 'cancelled', 'never_booked'] as const;

const stateOf = ({ contract, data }: Message): string[] =>
  contract.type === ShipmentCancelled.type ? [(data as { state: string }).state] : [];

const numberOf = ({ parcel }: Shipment): number => parcel?.number ?? 1;

function bookedAll(all: readonly Shipment[]): readonly Message[] {
  const [first, ...others] = all.toSorted((a, b) => numberOf(a) - numberOf(b));
  return first && all.every(isLive) ? [bookedReply(first, ...others)] : [];
}

/** The order is confirmed already, so it gets an event instead of a reply. */
function bookedAgain(shipment: Shipment): readonly Message[] | undefined {
  const { id: shipmentId, parcel, carrier, trackingNumber } = shipment;
  if (!parcel?.again || carrier === null || trackingNumber === null) return undefined;
  const { orderId } = parcel;
  return [ShipmentRebooked({ orderId, shipmentId, carrier, trackingNumber }) as Message];
}

/** The reply to the order, which is the same for every repetition of the command. */
function repeatedReply(first: Shipment, all: readonly Shipment[]): readonly Message[] {
  const isOpen = all.some(({ status }) => status === 'quoted' || status === 'withdrawing');
  if (first.refusal === null && isOpen) return [];
  return all.every(isLive) ? bookedAll(all) : repeatedAnswer(first);
}
