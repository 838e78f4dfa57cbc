import { type Message, ShipmentMoved } from '@waybill/contracts';
import {
  type Fact,
  isLive,
  type Move,
  type Outcome,
  orderOf,
  type Shipment,
  type ShipmentStatus,
} from './shipment.ts';

const follows: Readonly<Partial<Record<ShipmentStatus, readonly Move[]>>> = {
  booked: ['picked_up'],
  picked_up: ['in_transit'],
  in_transit: ['delivered', 'undeliverable'],
  delivered: ['returned'],
};

/** The moves that lead to each status. */
const ways: Readonly<Partial<Record<ShipmentStatus, readonly Move[]>>> = {
  picked_up: ['picked_up'],
  in_transit: ['picked_up', 'in_transit'],
  delivered: ['picked_up', 'in_transit', 'delivered'],
  undeliverable: ['picked_up', 'in_transit', 'undeliverable'],
  returned: ['picked_up', 'in_transit', 'delivered', 'returned'],
};

/** Except a return of what was delivered, nothing applies after these. */
const ends: readonly ShipmentStatus[] = [
  'delivered',
  'undeliverable',
  'returned',
  'cancelled',
  'rejected',
  'undone',
];

/** Applies the carrier's facts so far, each once its predecessor is applied. */
export function applyFacts(shipment: Shipment): Required<Outcome> {
  let current = shipment;
  const send = [];
  for (;;) {
    const next = current.facts.find((fact) => follows[current.status]?.includes(fact.status));
    if (!next) return { shipment: current, send };
    current = { ...current, status: next.status };
    const named = { orderId: orderOf(current), shipmentId: current.id };
    send.push(ShipmentMoved({ ...named, status: next.status, at: next.at }));
  }
}

/** The moves of a shipment up to its status, each with its fact. */
export const movesOf = (
  shipment: Pick<Shipment, 'orderId' | 'parcel' | 'id' | 'status' | 'facts'>,
): readonly Message[] =>
  (ways[shipment.status] ?? []).flatMap((move) => {
    const fact = shipment.facts.find((each) => each.status === move);
    const named = { orderId: orderOf(shipment), shipmentId: shipment.id };
    // The name distinguishes it from the other moves.
    return fact ? [ShipmentMoved({ ...named, ...fact }, { name: move }) as Message] : [];
  });

/** A fact in a carrier's webhook. */
export interface CarrierFact extends Fact {
  readonly carrier: string;
  readonly trackingNumber: string;
}

/**
 * The result of a fact. `held`: it waits for its predecessor. `contradicts`: it can never be applied, because the
 * shipment has ended differently or has left that carrier; it is kept for an operator to look at.
 * `unknown`: it belongs to no shipment of ours.
 */
export const factFates = ['applied', 'held', 'contradicts', 'known', 'unknown'] as const;
export type FactFate = (typeof factFates)[number];

/** Applies a fact; facts may arrive in any order. */
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

/** The result of a fact from the carrier of the shipment. */
export function fateOf(
  { status }: Pick<Shipment, 'status'>,
  fact: Fact,
): Extract<FactFate, 'applied' | 'held' | 'contradicts'> {
  if (ways[status]?.includes(fact.status)) return 'applied';
  return ends.includes(status) ? 'contradicts' : 'held';
}

/** A fact from a carrier that failed and has cancelled, but reports about the parcel all the same. */
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

/** The facts with one more; undefined if it is already among them. */
const withFact = (facts: readonly Fact[], { status, at }: Fact): readonly Fact[] | undefined =>
  facts.some((known) => known.status === status) ? undefined : [...facts, { status, at }];

/** A fact may arrive before the response with the tracking number. */
const isOf = (shipment: Shipment, { trackingNumber }: CarrierFact): boolean =>
  shipment.trackingNumber === null || shipment.trackingNumber === trackingNumber;
