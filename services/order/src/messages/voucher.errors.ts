/** A voucher cannot be created or disabled. */
export class VoucherRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'voucher_exists' | 'not_found' | 'wrong_currency',
    message: string,
    /** The field of the request that is wrong. */
    readonly path?: string,
  ) {
    super(message);
    this.name = 'VoucherRefused';
  }
}
