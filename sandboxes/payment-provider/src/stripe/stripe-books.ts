import { randomBytes } from 'node:crypto';
import { AppendLog } from '@waybill/append-log';
import type Stripe from 'stripe';
import type { OrderSums } from '../charges.ts';
import { StripeError } from './stripe-error.ts';
import { newEvent, type StripeObject } from './stripe-objects.ts';

/** The response to a request. */
export interface StripeAnswer {
  readonly status: number;
  readonly body: object;
}

/** A change of the books: what it stores, what it tells, and what it answers. */
export interface StripeChange {
  readonly stored: readonly StripeObject[];
  /** The types of the events, each about the first stored object. */
  readonly events?: readonly string[];
  readonly answer: StripeAnswer;
}

/** A line of the file. */
interface Line {
  readonly key: string | null;
  readonly request: string;
  readonly stored: readonly StripeObject[];
  readonly answer: StripeAnswer;
}

/** A request with its idempotency key. */
export interface KeyedRequest {
  readonly key: string | null;
  /** Route and parameters: a key belongs to one of them. */
  readonly request: string;
}

/**
 * The books of the double of Stripe: its objects, and the response to each idempotency key, on disk before it is sent.
 */
export class StripeBooks {
  private readonly objects = new Map<string, StripeObject>();
  private readonly answers = new Map<string, Line>();
  private readonly running = new Set<string>();

  private constructor(
    private readonly log: AppendLog<Line>,
    private readonly now: () => Date,
    private readonly tell: (event: Stripe.Event) => void,
  ) {}

  static async open(
    dataFile: string,
    now: () => Date,
    tell: (event: Stripe.Event) => void,
  ): Promise<StripeBooks> {
    const log = await AppendLog.open<Line>(dataFile);
    const books = new StripeBooks(log, now, tell);
    await log.replay((line) => books.apply(line as Line));
    return books;
  }

  /** Resolves when the books cannot be written any more: this process must end. */
  get failed(): Promise<Error> {
    return this.log.failed;
  }

  /** Carries out `make` once for a key; the same request gets the same response again. */
  async once(
    { key, request }: KeyedRequest,
    make: () => StripeChange,
  ): Promise<StripeAnswer & { readonly isRepeated: boolean }> {
    const known = key === null ? undefined : this.known(key, request);
    if (known) return { ...known, isRepeated: true };
    const { stored, events = [], answer } = make();
    const line = { key, request, stored, answer };
    this.apply(line);
    if (key !== null) this.running.add(key);
    await this.log.append(line).finally(() => this.running.delete(key ?? ''));
    const [subject] = stored;
    for (const type of subject ? events : []) {
      this.tell(newEvent(this.newId('evt'), type, subject as StripeObject, this.seconds()));
    }
    return { ...answer, isRepeated: false };
  }

  intent(id: string): Stripe.PaymentIntent | undefined {
    const found = this.objects.get(id);
    return found?.object === 'payment_intent' ? found : undefined;
  }

  dispute(id: string): Stripe.Dispute | undefined {
    const found = this.objects.get(id);
    return found?.object === 'dispute' ? found : undefined;
  }

  /** The objects of a kind, the newest first. */
  all<K extends StripeObject['object']>(kind: K): Extract<StripeObject, { object: K }>[] {
    const found = [...this.objects.values()].filter(({ object }) => object === kind);
    return found.reverse() as Extract<StripeObject, { object: K }>[];
  }

  newId(prefix: string): string {
    return `${prefix}_${randomBytes(12).toString('hex')}`;
  }

  seconds(): number {
    return Math.floor(this.now().getTime() / 1_000);
  }

  /** The sums of each order. */
  ledger(): OrderSums[] {
    const sums = new Map<string, OrderSums>();
    for (const intent of this.all('payment_intent')) {
      const orderId = intent.metadata['orderId'];
      if (orderId === undefined) continue;
      const before = sums.get(orderId) ?? { ...noSums, orderId };
      sums.set(orderId, this.add(before, intent));
    }
    return [...sums.values()];
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private known(key: string, request: string): StripeAnswer | undefined {
    if (this.running.has(key)) throw inUse(key);
    const line = this.answers.get(key);
    if (line && line.request !== request) throw otherParameters(key);
    return line?.answer;
  }

  private add(sums: OrderSums, intent: Stripe.PaymentIntent): OrderSums {
    if (intent.latest_charge === null || intent.last_payment_error) return sums;
    const isVoided = intent.status === 'canceled';
    return {
      ...sums,
      charges: sums.charges + 1,
      authorized: sums.authorized + intent.amount,
      captured: sums.captured + intent.amount_received,
      voided: sums.voided + (isVoided ? intent.amount : 0),
      refunded: sums.refunded + this.refundedOf(intent.id),
    };
  }

  /** What the customer has back: by refunds, and by disputes that are lost. */
  refundedOf(intentId: string): number {
    const lost = this.all('dispute').filter(({ status }) => status === 'lost');
    return [...this.all('refund'), ...lost]
      .filter(({ payment_intent }) => payment_intent === intentId)
      .reduce((sum, { amount }) => sum + amount, 0);
  }

  private apply(line: Line): void {
    for (const object of line.stored) this.objects.set(object.id, object);
    if (line.key !== null) this.answers.set(line.key, line);
  }
}

const noSums = { authorized: 0, captured: 0, voided: 0, refunded: 0, charges: 0 };

const inUse = (key: string) =>
  new StripeError(409, {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: `another request with the key ${key} is in progress`,
  });

const otherParameters = (key: string) =>
  new StripeError(400, {
    type: 'idempotency_error',
    message: `the key ${key} was used with other parameters`,
  });
