import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to one HTTP request, wherever the code that serves it runs. */
export interface RequestContext {
  /** Also the `x-request-id` of the answer. */
  readonly correlationId: string;
  /** W3C Trace Context, version 00. */
  readonly traceparent: string;
  /** For the log: set by routes that know it. */
  orderId?: string;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request that is being served, or undefined outside of one. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Runs `serve` as part of a request. */
export const inRequest = <T>(context: RequestContext, serve: () => T): T =>
  storage.run(context, serve);
