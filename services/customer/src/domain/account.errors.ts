/** A change of an account that its rules refuse. */
export class AccountRefused extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'email_taken',
    message: string,
  ) {
    super(message);
    this.name = 'AccountRefused';
  }
}
