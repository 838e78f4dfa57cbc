/** The call failed in transit, or its response is not trustworthy: whether it took effect is unknown. */
export class ProviderUnreachable extends Error {
  readonly code = 'provider_unreachable';
  readonly retriable = true;
  constructor(operation: string, why: string, cause?: unknown) {
    super(`the outcome of ${operation} is unknown: ${why}`, cause === undefined ? {} : { cause });
    this.name = 'ProviderUnreachable';
  }
}

/** The provider understood the request and will never carry it out: the request was wrong. */
export class ProviderRejected extends Error {
  readonly code = 'provider_rejected';
  readonly retriable = false;
  constructor(operation: string, status: number, why: string) {
    super(`the provider rejects ${operation} with ${status}: ${why}`);
    this.name = 'ProviderRejected';
  }
}
