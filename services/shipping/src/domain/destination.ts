import { destinations, noDeliveryTo } from '@waybill/contracts';

/** The shop does not deliver to this country. */
export class UnknownCountry extends Error {
  readonly retriable = false;
  readonly code = 'unknown_country';
  /** JSON pointer to the invalid field. */
  readonly path = '/shippingAddress/country';

  constructor(readonly country: string) {
    super(noDeliveryTo(country));
    this.name = 'UnknownCountry';
  }
}

/** Refuses a parcel that no order can send, as orders are refused. Throws `UnknownCountry`. */
export function checkDestination(country: string): void {
  if (!destinations.includes(country)) throw new UnknownCountry(country);
}
