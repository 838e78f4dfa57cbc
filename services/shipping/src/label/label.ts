import type { Address, ShippingMethod } from '@waybill/contracts';
import { orderOf, type Shipment } from '../domain/shipment.ts';

/** The address that parcels are sent from. */
export interface Sender {
  readonly name: string;
  readonly line: string;
  readonly city: string;
  readonly country: string;
}

/** The content of a label. */
export interface Label {
  readonly carrier: string;
  readonly method: ShippingMethod;
  readonly trackingNumber: string;
  readonly weightGrams: number;
  readonly reference: string;
  readonly shippedOn: string;
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly country: string;
}

/** The label of a booked shipment to a receiver, line by line. */
export function labelOf(shipment: Shipment, sender: Sender, to: readonly string[]): Label {
  const { parcel, carrier, method, trackingNumber, weightGrams, address } = shipment;
  if (!carrier || !method || !trackingNumber || weightGrams === null || !address) {
    throw new TypeError(`the shipment of order ${orderOf(shipment)} is not booked`);
  }
  return {
    carrier,
    method,
    trackingNumber,
    weightGrams,
    reference: parcel ? `${parcel.orderId} ${parcel.number}/${parcel.of}` : orderOf(shipment),
    shippedOn: shipment.since.slice(0, 10),
    from: [sender.name, sender.line, sender.city, sender.country],
    to,
    country: address.country,
  };
}

/** The lines of an address, without its country. */
export const linesOf = ({ name, line1, line2, postalCode, city }: Address): readonly string[] => [
  name,
  line1,
  ...(line2 ? [line2] : []),
  `${postalCode} ${city}`,
];
