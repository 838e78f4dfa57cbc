import type { Booking } from './booking.ts';
import type { BookingRequest, QuoteRequest } from './books.ts';
import { Refusal } from './refusal.ts';
import { Sandbox, type SandboxOptions } from './sandbox.ts';

/** The API of a carrier as function calls. Every refusal is a value with its code. */
export interface InProcessCarrier {
  readonly name: string;
  quote(request: QuoteRequest): Promise<Answer<ReturnType<ReturnType<Sandbox['books']>['quote']>>>;
  book(request: BookingRequest): Promise<Answer<Booking>>;
  cancel(operationId: string): Promise<Answer<Booking>>;
  find(operationId: string): Promise<Answer<Booking>>;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: string; readonly detail: string; readonly more: object };

async function answer<T>(run: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, code: error.code, detail: error.message, more: error.more };
  }
}

/** The same carriers without HTTP, for benchmarks: no sockets, no faults. */
export async function inProcessCarriers(options: SandboxOptions): Promise<{
  readonly carriers: readonly InProcessCarrier[];
  ledger(): readonly Booking[];
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}> {
  const sandbox = await Sandbox.open(options);
  return {
    carriers: sandbox.names.map((name) => {
      const books = sandbox.books(name);
      return {
        name,
        quote: (request) => answer(() => books.quote(request)),
        book: (request) => answer(() => books.book(request)),
        cancel: (operationId) => answer(() => books.cancel(operationId)),
        find: (operationId) => answer(() => books.find(operationId)),
      };
    }),
    ledger: () => sandbox.ledger(),
    failed: sandbox.failed,
    close: () => sandbox.close(),
  };
}
