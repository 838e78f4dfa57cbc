/**
 * An error that is a response to the caller, such as "try again later". It has no stack, because a stack would never be read and
 * would cost more than the rest of the refusal.
 */
export class Refusal extends Error {
  constructor(message: string, options?: ErrorOptions) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = limit;
    this.name = 'Refusal';
  }
}
