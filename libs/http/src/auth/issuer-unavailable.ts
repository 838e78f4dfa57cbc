/** The issuer's keys could not be read, so it is unknown whether the token is valid. */
export class IssuerUnavailable extends Error {
  readonly code = 'unavailable';
  readonly retryAfterSeconds = 2;
  constructor(cause: unknown) {
    super('the issuer of tokens does not answer', { cause });
    this.name = 'IssuerUnavailable';
  }
}
