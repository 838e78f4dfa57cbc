import { randomUUID } from 'node:crypto';
import { anOrderRequest } from '@waybill/testing';
import { eventually } from './eventually.ts';
import { patient } from './patience.config.ts';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly body: T;
}

export interface Send {
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** An order as the API shows it. */
export interface OrderView {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly reason: string | null;
  readonly customerId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly shippingAddress: Readonly<Record<string, unknown>>;
  readonly subtotal: Money;
  readonly shippingCost: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly payment: {
    readonly status: string;
    readonly id: string | null;
    readonly authorized: Money;
    readonly captured: Money;
    readonly refunded: Money;
  };
  readonly shipments: readonly {
    readonly id: string;
    readonly status: string;
    readonly carrier: string;
    readonly trackingNumber: string;
    readonly labelUrl: string;
  }[];
  readonly version: number;
  readonly placedAt: string;
  readonly updatedAt: string;
}

export interface List<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** What an error answer says. */
export interface ProblemView {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Longer than the longest `wait`. */
const patience = patient(45_000);
const comeAgainAfter = 250;

export interface ClientOptions {
  /** Parts of every order that a test does not name itself. */
  readonly order?: Readonly<Record<string, unknown>>;
  /** Looks at every answer; what it throws fails the test. */
  readonly watch?: (method: string, path: string, answer: Answer<unknown>) => void;
}

/** Talks to the API as one caller; without a token as nobody. */
export class Client {
  constructor(
    readonly url: string,
    readonly token: string | null = null,
    readonly options: ClientOptions = {},
  ) {}

  /** The same with another token. */
  with(token: string | null): Client {
    return new Client(this.url, token, this.options);
  }

  async send<T>(method: string, path: string, what: Send = {}): Promise<Answer<T>> {
    const body = what.json === undefined ? what.raw : JSON.stringify(what.json);
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: AbortSignal.timeout(patience),
      ...(body === undefined ? {} : { body: body as string }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...what.headers,
      },
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const type = response.headers.get('content-type') ?? '';
    const isJson = type.includes('json') && bytes.length > 0;
    const parsed = isJson ? JSON.parse(bytes.toString('utf8')) : undefined;
    const answer = { status: response.status, headers: response.headers, bytes, body: parsed as T };
    this.options.watch?.(method, path, answer);
    return answer;
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.send('GET', path);
  }

  post<T>(path: string, json: unknown, headers: Send['headers'] = {}): Promise<Answer<T>> {
    return this.send('POST', path, { json, headers });
  }

  /** `parts` replace those of an order that would be confirmed. Comes again when the system is too busy. */
  async placeOrder(
    parts: Readonly<Record<string, unknown>> = {},
    // Who asks again after a 503 may have been heard the first time.
    idempotencyKey: string = randomUUID(),
  ): Promise<Answer<OrderView>> {
    const deadline = performance.now() + patience;
    for (;;) {
      const answer = await this.placeOrderOnce(parts, idempotencyKey);
      if (answer.status !== 503 || performance.now() > deadline) return answer;
      await new Promise((resolve) => setTimeout(resolve, comeAgainAfter));
    }
  }

  /** As `placeOrder`, but tells of a 503 as well. */
  placeOrderOnce(
    parts: Readonly<Record<string, unknown>> = {},
    idempotencyKey?: string,
  ): Promise<Answer<OrderView>> {
    const headers: Send['headers'] =
      idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return this.post('/api/v1/orders', this.request(parts), headers);
  }

  /** The body of an order that would be confirmed, but for `parts`. */
  request(parts: Readonly<Record<string, unknown>> = {}): object {
    return anOrderRequest({ ...this.options.order, ...parts });
  }

  async order(id: string, wait = '0s'): Promise<OrderView> {
    const answer = await this.get<OrderView>(`/api/v1/orders/${id}?wait=${wait}`);
    if (answer.status === 200) return answer.body;
    throw new Error(`order ${id}: ${answer.status} ${answer.bytes.toString()}`);
  }

  /** The order once it is no longer pending. */
  settled(id: string, within = patient(60_000)): Promise<OrderView> {
    const read = async () => {
      const order = await this.order(id, '10s');
      return order.status !== 'pending' && order;
    };
    return eventually(`order ${id} settles`, read, within);
  }

  /** Places an order that must be accepted, and answers it once it is settled. */
  async buy(parts: Readonly<Record<string, unknown>> = {}): Promise<OrderView> {
    const placed = await this.placeOrder(parts);
    if (placed.status !== 202) throw new Error(`${placed.status} ${placed.bytes.toString()}`);
    return this.settled(placed.body.id);
  }

  /** Every item of a list, page by page; with `enough`, no further than to the page with an item that is. */
  async all<T>(path: string, enough: (item: T) => boolean = () => false): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const next: string =
        cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${cursor}`;
      const answer = await this.get<List<T>>(`${path}${next}`);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.bytes.toString()}`);
      items.push(...answer.body.items);
      cursor = answer.body.items.some(enough) ? null : answer.body.nextCursor;
    } while (cursor !== null);
    return items;
  }
}
