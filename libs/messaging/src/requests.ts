import { type Contract, type Envelope, newId, wrapFirst } from '@waybill/message';
import type { z } from 'zod';
import { type RequestBroker, RequestsNotCarried } from './broker.ts';
import type { Brokers } from './brokers.ts';
import { type Clock, systemClock } from './clock.ts';

/** How long to wait for an answer, and what the request inherits. */
export interface RequestOptions<R = unknown> {
  /** Milliseconds until the request times out. */
  readonly deadline: number;
  /** The schema of an answer; `request` rejects an answer that does not fit. */
  readonly answer?: z.ZodType<R>;
  readonly correlationId?: string;
  readonly traceparent?: string | null;
}

/** The answers of several responders, and how many of the expected ones are missing. */
export interface Gathered<R = unknown> {
  readonly answers: readonly R[];
  readonly missing: number;
}

/**
 * Requests that are answered at once or time out. Nothing is stored, so a request must not
 * change anything that others rely on. For HTTP routes and external calls.
 */
export abstract class Requests {
  /**
   * Rejects with `RequestTimedOut`, with `RequestRefused` if the responder fails, and with
   * `RequestsNotCarried` if no broker carries requests.
   */
  abstract request<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R>,
  ): Promise<R>;
  /** Sends to every responder; resolves at the deadline at the latest. An answer that does not fit counts as missing. */
  abstract gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly expected: number },
  ): Promise<Gathered<R>>;
}

/** Sends requests over the broker that carries them. */
export class BrokerRequests extends Requests {
  private readonly clock: Clock;

  constructor(
    private readonly brokers: Brokers,
    private readonly options: { readonly source: string; readonly clock?: Clock },
  ) {
    super();
    this.clock = options.clock ?? systemClock;
  }

  async request<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R>,
  ): Promise<R> {
    const question = this.question(contract, data, options);
    const answer = await this.brokerOf(contract).request(question, options.deadline);
    return options.answer ? options.answer.parse(answer) : (answer as R);
  }

  async gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly expected: number },
  ): Promise<Gathered<R>> {
    const { deadline, expected, answer } = options;
    const question = this.question(contract, data, options);
    const came = await this.brokerOf(contract).gather(question, deadline, expected);
    const answers = answer
      ? came.flatMap((each) => {
          const { success, data: fitting } = answer.safeParse(each);
          return success ? [fitting] : [];
        })
      : (came as readonly R[]);
    return { answers, missing: Math.max(0, expected - answers.length) };
  }

  private brokerOf({ type }: Contract): RequestBroker {
    const { requests } = this.brokers;
    if (requests) return requests;
    throw new RequestsNotCarried(type, this.brokers.brokerFor('command').name);
  }

  private question<D>(contract: Contract<D>, data: D, options: RequestOptions): Envelope {
    if (contract.kind !== 'request') throw new TypeError(`${contract.type} is not a request`);
    const now = this.clock.now();
    const id = newId(now);
    const { correlationId = id, traceparent = null } = options;
    const cause = { id, correlationId, traceparent };
    return wrapFirst(contract(data), { cause, source: this.options.source, now });
  }
}
