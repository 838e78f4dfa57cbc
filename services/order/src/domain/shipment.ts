/** A carrier's report, with the carrier's status and time. */
export interface CarrierFact {
  readonly shipmentId: string;
  readonly status: 'picked_up' | 'in_transit' | 'delivered' | 'undeliverable' | 'returned';
  readonly at: string;
}

export interface Shipment {
  readonly id: string;
  readonly carrier: string;
  readonly trackingNumber: string;
  readonly status: 'booked' | 'cancelled' | CarrierFact['status'];
}

/** The parcels of an order and the carriers' reports about them. */
export interface Parcels {
  readonly shipments: readonly Shipment[];
  /** Reports that arrived before their predecessor. */
  readonly early: readonly CarrierFact[];
}

/** The order of a parcel's states; a final report waits until the parcel is known to be under way. */
const rank = {
  booked: 0,
  picked_up: 1,
  in_transit: 2,
  delivered: 3,
  undeliverable: 3,
  returned: 4,
} as const;

/** Whether the carrier has, or had, the parcel. */
export const isUnderWay = (shipment: Shipment): boolean =>
  shipment.status !== 'booked' && shipment.status !== 'cancelled';

/** The parcels after one more report, with every early report applied whose predecessor is now known. */
export function moved(parcels: Parcels, fact: CarrierFact): Parcels {
  const shipment = parcels.shipments.find(({ id }) => id === fact.shipmentId);
  const isEarly = !shipment || (shipment.status === 'booked' && rank[fact.status] >= 3);
  if (isEarly) return { ...parcels, early: [...parcels.early, fact] };
  const shipments = parcels.shipments.map((each) => (each === shipment ? step(each, fact) : each));
  const waiting = parcels.early.filter((each) => each.shipmentId === fact.shipmentId);
  const early = parcels.early.filter((each) => each.shipmentId !== fact.shipmentId);
  return waiting.reduce(moved, { shipments, early });
}

/** The parcels after a booking; carriers may already have reported about it. */
export function booked(parcels: Parcels, shipment: Shipment): Parcels {
  const shipments = [...parcels.shipments, shipment];
  return parcels.early.reduce(moved, { shipments, early: [] });
}

/** The shipments after one got a new booking. */
export const rebooked = (
  shipments: readonly Shipment[],
  { id, carrier, trackingNumber }: Omit<Shipment, 'status'>,
): readonly Shipment[] =>
  shipments.map((each) => (each.id === id ? { ...each, carrier, trackingNumber } : each));

const step = (shipment: Shipment, fact: CarrierFact): Shipment =>
  shipment.status === 'cancelled' || rank[fact.status] <= rank[shipment.status]
    ? shipment
    : { ...shipment, status: fact.status };
