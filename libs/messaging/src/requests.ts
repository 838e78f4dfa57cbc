import { type Contract, type Envelope, newId, wrapFirst } from '@waybill/message';
import type { z } from 'zod';
import { BrokerAway, type RequestBroker, RequestsNotCarried } from './broker.ts';
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

/** What each of several responders answers, by its name: undefined if it refused, was late, or sent what does not fit. Never rejects. */
export type Gathered<R = unknown> = ReadonlyMap<string, Promise<R | undefined>>;

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
  /**
   * Sends one request to all responders that `from` names, each through a queue of its own. All answers have come or are
   * given up at the deadline. Throws `RequestsNotCarried` if no broker carries requests, and `BrokerAway` while that broker
   * is not connected, so that the caller can go another way at once.
   */
  abstract gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly from: readonly string[] },
  ): Gathered<R>;
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

  gather<D, R = unknown>(
    contract: Contract<D>,
    data: D,
    options: RequestOptions<R> & { readonly from: readonly string[] },
  ): Gathered<R> {
    const { deadline, from, answer } = options;
    const question = this.question(contract, data, options);
    const broker = this.brokerOf(contract);
    if ((broker.state?.() ?? 'connected') !== 'connected') {
      throw new BrokerAway(broker.name, `not connected, so ${contract.type} is not sent`);
    }
    const answerOf = async (name: string): Promise<R | undefined> => {
      try {
        const came = await broker.request(question, deadline, name);
        return answer ? answer.parse(came) : (came as R);
      } catch {
        return undefined;
      }
    };
    return new Map(from.map((name) => [name, answerOf(name)]));
  }

  private brokerOf(contract: Contract): RequestBroker {
    const broker = this.brokers.brokerOf(contract);
    if (broker) return broker;
    throw new RequestsNotCarried(contract.type, this.brokers.brokerFor('command').name);
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
