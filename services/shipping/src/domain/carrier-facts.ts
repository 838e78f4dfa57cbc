import { type Message, ShipmentMoved } from '@waybill/contracts';
import {
  type Fact,
  isLive,
  type Move,
  type Outcome,
  type Shipment,
  type ShipmentStatus,
} from './shipment.ts';

const follows: Readonly<Partial<Record<ShipmentStatus, readonly Move[]>>> = {
  booked: ['picked_up'],
  picked_up: ['in_transit'],
  in_transit: ['delivered', 'undeliverable'],
};

/** The moves that have brought a shipment to where it is. */
const ways: Readonly<Partial<Record<ShipmentStatus, readonly Move[]>>> = {
  picked_up: ['picked_up'],
  in_transit: ['picked_up', 'in_transit'],
  delivered: ['picked_up', 'in_transit', 'delivered'],
  undeliverable: ['picked_up', 'in_transit', 'undeliverable'],
};

const ends: readonly ShipmentStatus[] = [
  'delivered',
  'undeliverable',
  'cancelled',
  'rejected',
  'undone',
];

/** Applies what the carrier has told so far, each fact once its predecessor is. */
export function applyFacts(shipment: Shipment): Required<Outcome> {
  let current = shipment;
  const send = [];
  for (;;) {
    const next = current.facts.find((fact) => follows[current.status]?.includes(fact.status));
    if (!next) return { shipment: current, send };
    current = { ...current, status: next.status };
    const { orderId, id } = current;
    send.push(ShipmentMoved({ orderId, shipmentId: id, status: next.status, at: next.at }));
  }
}

/** How a shipment came to where it is, each move as it was told. */
export const movesOf = ({
  orderId,
  id: shipmentId,
  status,
  facts,
}: Pick<Shipment, 'orderId' | 'id' | 'status' | 'facts'>): readonly Message[] =>
  (ways[status] ?? []).flatMap((move) => {
    const fact = facts.find((each) => each.status === move);
    // By its name it is told apart from the other moves.
    return fact ? [ShipmentMoved({ orderId, shipmentId, ...fact }, { name: move }) as Message] : [];
  });

/** A fact as a carrier's webhook tells it. */
export interface CarrierFact extends Fact {
  readonly carrier: string;
  readonly trackingNumber: string;
}

/**
 * What became of a fact. `held`: it waits for its predecessor. `contradicts`: it can never be applied, because the
 * shipment has come to another end or has left the carrier that tells it; it is kept for a person to look at.
 * `unknown`: it is of no shipment of ours.
 */
export const factFates = ['applied', 'held', 'contradicts', 'known', 'unknown'] as const;
export type FactFate = (typeof factFates)[number];

/** Takes a fact, in whatever order facts come. */
export function takeFact(
  found: Shipment | undefined,
  fact: CarrierFact,
  now: Date,
): Outcome & { readonly fate: FactFate } {
  if (found && found.carrier !== fact.carrier) return takeLateFact(found, fact, now);
  if (!found || !isOf(found, fact)) return { send: [], fate: 'unknown' };
  const facts = withFact(found.facts, fact);
  if (!facts) return { send: [], fate: 'known' };
  const kept = { ...found, facts, updatedAt: now.toISOString() };
  const { shipment, send } = isLive(kept) ? applyFacts(kept) : { shipment: kept, send: [] };
  return { shipment, send, fate: fateOf(shipment, fact) };
}

/** What has become of a fact that the carrier of the shipment told. */
export function fateOf(
  { status }: Pick<Shipment, 'status'>,
  fact: Fact,
): Extract<FactFate, 'applied' | 'held' | 'contradicts'> {
  if (ways[status]?.includes(fact.status)) return 'applied';
  return ends.includes(status) ? 'contradicts' : 'held';
}

/** A carrier that was tried in vain, and has cancelled, tells of the parcel all the same. */
function takeLateFact(
  shipment: Shipment,
  fact: CarrierFact,
  now: Date,
): Outcome & { readonly fate: FactFate } {
  const found = shipment.tried.find(({ carrier }) => carrier === fact.carrier);
  if (!found) return { send: [], fate: 'unknown' };
  const facts = withFact(found.facts, fact);
  if (!facts) return { send: [], fate: 'known' };
  const tried = shipment.tried.map((each) => (each === found ? { ...each, facts } : each));
  const updatedAt = now.toISOString();
  return { shipment: { ...shipment, tried, updatedAt }, send: [], fate: 'contradicts' };
}

/** The facts with one more; nothing when it is among them. */
const withFact = (facts: readonly Fact[], { status, at }: Fact): readonly Fact[] | undefined =>
  facts.some((known) => known.status === status) ? undefined : [...facts, { status, at }];

/** A fact may come before the answer that told the tracking number. */
const isOf = (shipment: Shipment, { trackingNumber }: CarrierFact): boolean =>
  shipment.trackingNumber === null || shipment.trackingNumber === trackingNumber;
