import type { Contract } from '@waybill/message';
import { type Gathered, type RequestOptions, Requests } from './requests.ts';
import { isSampled, type Span, type Tracer } from './tracer.ts';

/** Requests that are recorded, if the trace of their cause is. */
export class TracedRequests extends Requests {
  constructor(
    private readonly requests: Requests,
    private readonly tracer: Tracer,
  ) {
    super();
  }

  async request<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R>,
  ): Promise<R> {
    const span = this.begun(contract, options);
    if (!span) return this.requests.request(contract, data, options);
    const { traceparent } = span;
    try {
      const answer = await this.requests.request(contract, data, { ...options, traceparent });
      span.end();
      return answer;
    } catch (error) {
      span.end({ error });
      throw error;
    }
  }

  gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly from: readonly string[] },
  ): Gathered<R> {
    const span = this.begun(contract, options);
    if (!span) return this.requests.gather(contract, data, options);
    const { traceparent } = span;
    const answers = this.requests.gather(contract, data, { ...options, traceparent });
    void Promise.all(answers.values()).then(() => span.end());
    return answers;
  }

  private begun<D>({ type }: Contract<D>, { traceparent }: RequestOptions): Span | null {
    if (!isSampled(traceparent)) return null;
    return this.tracer.begin(`request ${type}`, { kind: 'client', parent: traceparent });
  }
}
