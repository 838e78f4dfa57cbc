/** A change of an account that its rules refuse. */
export class AccountRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code:
      | 'email_taken'
      | 'customer_inactive'
      | 'too_many_addresses'
      | 'not_found'
      | 'changed_meanwhile',
    message: string,
  ) {
    super(message);
    this.name = 'AccountRefused';
  }
}

export const emailTaken = (): AccountRefused =>
  new AccountRefused('email_taken', 'there is an account with this e-mail address');
