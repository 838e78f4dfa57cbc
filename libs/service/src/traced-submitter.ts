import type { Message } from '@waybill/contracts';
import { type SubmitOptions, Submitter, Unavailable } from '@waybill/messaging';
import { currentRequest } from './http/request-context.ts';

/** The submitter of routes: messages carry the correlation and the trace of the request that sends them. */
export class TracedSubmitter extends Submitter {
  private target: Submitter | null = null;

  /** The consumer comes after the application, whose handlers it needs. */
  attach(target: Submitter): void {
    this.target = target;
  }

  submit<A>(message: Message, options: SubmitOptions = {}): Promise<A> {
    if (!this.target) return Promise.reject(new Unavailable('this service is starting'));
    const request = currentRequest();
    if (!request) return this.target.submit(message, options);
    const { correlationId, traceparent } = request;
    return this.target.submit(message, { correlationId, traceparent, ...options });
  }
}
