/** Why an order was refused; the code is part of the public API. */
export type OrderRefusal =
  | 'unknown_sku'
  | 'unknown_country'
  | 'unprintable_address'
  | 'invalid_payment_token'
  | 'invalid_vat_id'
  | 'duplicate_sku'
  | 'total_too_large'
  | 'parcel_too_heavy'
  | 'unknown_voucher'
  | 'voucher_disabled'
  | 'voucher_not_yet_valid'
  | 'voucher_expired'
  | 'voucher_below_minimum'
  | 'voucher_used_up'
  | 'voucher_customer_limit'
  | 'wrong_currency'
  | 'credit_exceeds_total';

/** The order is well-formed, but the shop does not accept it. */
export class OrderRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: OrderRefusal,
    message: string,
    /** JSON pointer to the invalid field. */
    readonly path?: string,
  ) {
    super(message);
    this.name = 'OrderRefused';
  }
}

/** The request of a return, or about one, is well-formed, but names goods that are not part of it. */
export class ReturnRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'not_returnable' | 'duplicate_sku',
    message: string,
    /** JSON pointer to the invalid field. */
    readonly path: string,
  ) {
    super(message);
    this.name = 'ReturnRefused';
  }
}

/** There is no transition from the state of an order, or of a return, to the requested one. */
export class WrongState extends Error {
  readonly retriable = false;
  readonly code = 'wrong_state';
  constructor(id: string, from: string, to: string, what = 'order') {
    super(`${what} ${id} is ${from}: it cannot become ${to}`);
    this.name = 'WrongState';
  }
}
