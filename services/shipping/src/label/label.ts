import type { ShippingMethod } from '@waybill/contracts';
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

/** The label of a booked shipment. */
export function labelOf(shipment: Shipment, sender: Sender): Label {
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
    to: [
      address.name,
      address.line1,
      ...(address.line2 ? [address.line2] : []),
      `${address.postalCode} ${address.city}`,
    ],
    country: address.country,
  };
}
