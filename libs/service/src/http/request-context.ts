import { AsyncLocalStorage } from 'node:async_hooks';
import { requestId } from './request-id.ts';
import { traceFrom } from './trace.ts';

/** What belongs to one HTTP request, wherever the code that serves it runs. */
export class RequestContext {
  /** The id of its trace; also the `x-request-id` of the answer. */
  readonly correlationId: string;
  /** W3C Trace Context, version 00. */
  readonly traceparent: string;
  /** For the log: set by routes that know it. */
  orderId: string | undefined = undefined;

  /** `caller`: the `traceparent` header that came, if one did. */
  constructor(caller: unknown) {
    const { correlationId, traceparent } = traceFrom(caller, requestId);
    this.correlationId = correlationId;
    this.traceparent = traceparent;
  }
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request that is being served, or undefined outside of one. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Runs what must outlive the request that happens to begin it. */
export const outsideRequests = <T>(run: () => T): T => storage.exit(run);

/** Runs `serve` as part of a request. */
export const inRequest = <T>(context: RequestContext, serve: () => T): T =>
  storage.run(context, serve);
