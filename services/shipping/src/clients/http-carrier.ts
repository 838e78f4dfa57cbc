import { type Clock, systemClock } from '@waybill/messaging';
import {
  bulkhead,
  circuitBreaker,
  failureRate,
  type Pipeline,
  type Resilience,
  timeout,
} from '@waybill/resilience';
import { Pool } from 'undici';
import type { z } from 'zod';
import type { BookAnswer, CancelAnswer } from '../domain/carrier-answer.ts';
import type { Rate } from '../domain/rate-table.ts';
import type { BookingRequest } from '../domain/shipment.ts';
import type { ShippingConfig } from '../shipping.config.ts';
import { type Carrier, CarrierSilent, type Parcel } from './carrier.ts';
import { bookingAnswer, cancelAnswer, problemAnswer, quoteAnswer } from './carrier-wire.ts';

export interface HttpCarrierOptions {
  readonly name: string;
  readonly url: string;
  readonly apiKey: string;
  readonly resilience: Resilience;
  readonly clock?: Clock;
}

type Problem = z.output<typeof problemAnswer>;
type Answer<T> = { readonly ok: true; readonly body: T } | ({ readonly ok: false } & Problem);

const largestAnswer = 64 * 1_024;
/** Milliseconds; a little longer than the breaker stays open. */
const lookAgainAfter = 1_100;
const anyParcel: Parcel = { country: 'DE', weightGrams: 1_000, method: 'standard' };

/** A carrier behind HTTP. Only a response that matches its schema counts as a result. */
export class HttpCarrier implements Carrier {
  readonly name: string;
  private readonly pool: Pool;
  private readonly pipeline: Pipeline;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly stopWatching: () => void;

  constructor(options: HttpCarrierOptions) {
    this.name = options.name;
    this.headers = {
      authorization: `Bearer ${options.apiKey}`,
      'content-type': 'application/json',
    };
    this.pool = new Pool(options.url, { connections: 64, maxResponseSize: largestAnswer });
    this.pipeline = options.resilience.pipeline(
      `carrier-${options.name}`,
      bulkhead({ calls: 64, queue: 2_000 }),
      circuitBreaker({
        opensAt: failureRate(0.5, { over: '10s', atLeast: 5 }),
        staysOpen: '1s',
      }),
      timeout('1s'),
    );
    this.stopWatching = this.watch(options);
  }

  isAvailable(): boolean {
    return this.pipeline.state() === 'closed';
  }

  async quote(parcel: Parcel): Promise<Rate | null> {
    const answer = await this.call(quoteAnswer, 'quotes', parcel);
    if (answer.ok) return answer.body;
    if (answer.code === 'not_served') return null;
    throw this.silent('a quote', answer);
  }

  async book(request: BookingRequest): Promise<BookAnswer> {
    const first = await this.tryToBook(request);
    // The same key again: if only the response was lost, this call returns it.
    return first.outcome === 'unknown' ? this.tryToBook(request, first) : first;
  }

  /** While the breaker is not closed nothing chooses this carrier, so this checks whether it is back. */
  private watch({ resilience, clock = systemClock }: HttpCarrierOptions): () => void {
    let closed = false;
    let forget = () => {};
    const lookLater = () => {
      forget();
      forget = clock.after(lookAgainAfter, () => void look());
    };
    // A refused check (too early, too many calls) changes no state, so no event would trigger the next one.
    const look = async () => {
      await this.quote(anyParcel).catch(() => {});
      if (!this.isAvailable() && !closed) lookLater();
    };
    const deaf = resilience.listen({
      stateChanged: (pipeline, state) => {
        if (pipeline === this.pipeline && state === 'open') lookLater();
      },
    });
    return () => {
      closed = true;
      deaf();
      forget();
    };
  }

  private async tryToBook(request: BookingRequest, before?: BookAnswer): Promise<BookAnswer> {
    const { orderId, operationId, method, weightGrams, address } = request;
    const body = { reference: orderId, method, weightGrams, address };
    const key = { 'idempotency-key': operationId };
    try {
      const answer = await this.call(bookingAnswer, 'bookings', body, key);
      if (answer.ok) return { outcome: 'booked', ...answer.body };
      return isDefinite(answer)
        ? { outcome: 'refused', detail: `${this.name}: ${answer.detail}` }
        : { outcome: 'unknown', detail: `${this.name}: ${answer.code}` };
    } catch (error) {
      if (!wasNeverMade(error)) {
        return { outcome: 'unknown', detail: `${this.name}: ${(error as Error).message}` };
      }
      if (before) return before;
      throw error;
    }
  }

  async cancel(operationId: string): Promise<CancelAnswer> {
    const answer = await this.call(cancelAnswer, 'cancellations', { operationId });
    if (answer.ok) return { outcome: 'cancelled' };
    if (answer.code !== 'too_late') throw this.silent('a cancellation', answer);
    return { outcome: 'too_late', booking: bookingAnswer.parse(answer.booking) };
  }

  async close(): Promise<void> {
    this.stopWatching();
    await this.pool.destroy();
  }

  /** One call through the pipeline: a valid 2xx or a problem below 500 is a result, everything else an error. */
  private call<S extends z.ZodType>(
    schema: S,
    path: string,
    body: object,
    headers: Record<string, string> = {},
  ): Promise<Answer<z.output<S>>> {
    return this.pipeline.run(async (signal) => {
      const answer = await this.pool.request({
        method: 'POST',
        path: `/v1/${this.name}/${path}`,
        headers: { ...this.headers, ...headers },
        body: JSON.stringify(body),
        signal,
      });
      const { statusCode } = answer;
      const text = await answer.body.text();
      if (statusCode === 200 || statusCode === 201) {
        return { ok: true, body: schema.parse(JSON.parse(text)) };
      }
      if (statusCode < 400 || statusCode === 429 || statusCode >= 500) {
        throw new CarrierSilent(this.name, `${path} (status ${statusCode})`);
      }
      return { ok: false, ...problemAnswer.parse(JSON.parse(text)) };
    });
  }

  private silent(what: string, problem: Problem): CarrierSilent {
    return new CarrierSilent(this.name, `${what}: ${problem.code}`);
  }
}

/** An open breaker or a full bulkhead: the call never reached the carrier. */
const wasNeverMade = (error: unknown): boolean =>
  (error as { countsAsAttempt?: unknown }).countsAsAttempt === false;

/** A permanent refusal: the carrier has no booking with this key, and will make none. */
const isDefinite = ({ code }: Problem): boolean =>
  code === 'not_served' || code === 'operation_cancelled';

/** The carriers of the settings. */
export const httpCarriers = (
  config: ShippingConfig,
  resilience: Resilience,
  clock: Clock,
): readonly Carrier[] =>
  config.carriers.map(
    (name) =>
      new HttpCarrier({
        name,
        url: config.carriersUrl,
        apiKey: config.carriersApiKey,
        resilience,
        clock,
      }),
  );
