import type { Contract, Message } from '@waybill/contracts';
import {
  type Gathered,
  Ingest,
  type IngestOptions,
  type IngestResult,
  type Overloaded,
  type RequestOptions,
  Requests,
  type SubmitOptions,
  Submitter,
  Unavailable,
} from '@waybill/messaging';
import { currentRequest, outsideRequests } from './http/request-context.ts';

/** What messages inherit from the HTTP request that is being served, if there is one. */
function inherited(): { correlationId?: string; traceparent?: string } {
  const request = currentRequest();
  return request ? { correlationId: request.correlationId, traceparent: request.traceparent } : {};
}

/** The submitter of routes: messages carry the correlation and the trace of the request that sends them. */
export class TracedSubmitter extends Submitter {
  private target: Submitter | null = null;

  /** The consumer comes after the application, whose handlers it needs. */
  attach(target: Submitter): void {
    this.target = target;
  }

  /** True once messages can be submitted. */
  get isAttached(): boolean {
    return this.target !== null;
  }

  submit<A>(message: Message, options: SubmitOptions = {}): Promise<A> {
    if (!this.target) return Promise.reject(new Unavailable('this service is starting'));
    const { target } = this;
    const traced = { ...inherited(), ...options };
    // The batch that a message begins serves others as well.
    return outsideRequests(() => target.submit<A>(message, traced));
  }

  override overload(): Overloaded | undefined {
    return this.target?.overload();
  }
}

/** Requests that carry the correlation and the trace of the HTTP request that asks. */
export class TracedRequests extends Requests {
  constructor(private readonly target: Requests) {
    super();
  }

  request<D, R = unknown>(contract: Contract<D>, data: D, options: RequestOptions<R>): Promise<R> {
    return this.target.request(contract, data, { ...inherited(), ...options });
  }

  gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly expected: number },
  ): Promise<Gathered<R>> {
    return this.target.gather(contract, data, { ...inherited(), ...options });
  }
}

/** Ingests with the correlation and the trace of the HTTP request that brings the facts. */
export class TracedIngest extends Ingest {
  constructor(private readonly target: Ingest) {
    super();
  }

  ingest<D>(
    contract: Contract<D>,
    batch: readonly D[],
    options: IngestOptions = {},
  ): Promise<readonly IngestResult[]> {
    return this.target.ingest(contract, batch, { ...inherited(), ...options });
  }
}
