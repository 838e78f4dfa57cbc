/**
 * An error that is an answer to whoever asked, like "try again later": it carries no stack, which nobody reads and which
 * costs more than all the rest of a refusal.
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
