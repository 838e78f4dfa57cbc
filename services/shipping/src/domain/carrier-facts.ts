import { ShipmentMoved } from '@waybill/contracts';
import { type Fact, isLive, type Move, type Outcome, type Shipment } from './shipment.ts';

const follows: Readonly<Partial<Record<Shipment['status'], readonly Move[]>>> = {
  booked: ['picked_up'],
  picked_up: ['in_transit'],
  in_transit: ['delivered', 'undeliverable'],
};

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

/** A fact as a carrier's webhook tells it. */
export interface CarrierFact extends Fact {
  readonly carrier: string;
  readonly trackingNumber: string;
}

/** What became of a fact: `held` waits for its predecessor, `unknown` is of no shipment of ours. */
export type FactFate = 'applied' | 'held' | 'known' | 'unknown';

/** Takes a fact, in whatever order facts come. */
export function takeFact(
  found: Shipment | undefined,
  fact: CarrierFact,
  now: Date,
): Outcome & { readonly fate: FactFate } {
  if (!found || !isOf(found, fact)) return { send: [], fate: 'unknown' };
  if (found.facts.some(({ status }) => status === fact.status)) return { send: [], fate: 'known' };
  const { status, at } = fact;
  const told = { ...found, facts: [...found.facts, { status, at }], updatedAt: now.toISOString() };
  const applied = isLive(told) ? applyFacts(told) : { shipment: told, send: [] };
  return { ...applied, fate: applied.send.length > 0 ? 'applied' : 'held' };
}

/** A fact may come before the answer that told the tracking number. */
const isOf = (shipment: Shipment, fact: CarrierFact): boolean =>
  shipment.carrier === fact.carrier &&
  (shipment.trackingNumber === null || shipment.trackingNumber === fact.trackingNumber);
