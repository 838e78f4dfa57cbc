import { randomUUID } from 'node:crypto';
import { createWaybillClient, type Paths, type Schemas, type WaybillClient } from '@waybill/client';
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
  /** Sent unchanged. */
  readonly raw?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Money = Schemas['Money'];
export type OrderView = Schemas['Order'];
export type ProblemView = Schemas['Problem'];

export interface List<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

type Reading<P extends keyof Paths> = Paths[P]['get'];
/** The path and query parameters of a GET request. */
type Asked<P extends keyof Paths> =
  Reading<P> extends { parameters: infer Parameters }
    ? Omit<Parameters, 'header' | 'cookie'>
    : never;
/** The body of a 200 response to GET. */
export type Read<P extends keyof Paths> =
  Reading<P> extends { responses: { 200: { content: { 'application/json': infer Body } } } }
    ? Body
    : never;
type Item<P extends keyof Paths> = Read<P> extends { items: (infer Each)[] } ? Each : never;

/** Longer than the longest `wait`. */
const patience = patient(45_000);
const comeAgainAfter = 250;

export interface ClientOptions {
  /** Defaults for the parts of an order that a test does not set. */
  readonly order?: Readonly<Record<string, unknown>>;
  /** Called with every response; an error that it throws fails the test. */
  readonly watch?: (method: string, path: string, answer: Answer<unknown>) => void;
}

/** Calls the API as one user, or anonymously without a token. */
export class Client {
  /** Requests that match the API document; malformed ones use `send`. */
  readonly api: WaybillClient;
  private readonly bytes = new WeakMap<Response, Buffer>();

  constructor(
    readonly url: string,
    readonly token: string | null = null,
    readonly options: ClientOptions = {},
  ) {
    this.api = createWaybillClient({
      baseUrl: url,
      ...(token === null ? {} : { token }),
      fetch: async (request) => {
        const path = request.url.slice(new URL(url).origin.length);
        return (await this.exchange(path, request)).response;
      },
    });
  }

  /** The id of the user, according to the token. */
  get userId(): string {
    const [, claims = ''] = (this.token ?? '').split('.');
    return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sub: string }).sub;
  }

  /** The same client with another token. */
  with(token: string | null): Client {
    return new Client(this.url, token, this.options);
  }

  async send<T>(method: string, path: string, what: Send = {}): Promise<Answer<T>> {
    const body = what.json === undefined ? what.raw : JSON.stringify(what.json);
    const request = new Request(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: body as string }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.token === null ? {} : { authorization: `Bearer ${this.token}` }),
        ...what.headers,
      },
    });
    return (await this.exchange<T>(path, request)).answer;
  }

  private async exchange<T>(
    path: string,
    request: Request,
  ): Promise<{ readonly response: Response; readonly answer: Answer<T> }> {
    const response = await fetch(request, { signal: AbortSignal.timeout(patience) });
    const { status, headers } = response;
    const bytes = Buffer.from(await response.clone().arrayBuffer());
    const isJson = (headers.get('content-type') ?? '').includes('json') && bytes.length > 0;
    const body = (isJson ? JSON.parse(bytes.toString('utf8')) : undefined) as T;
    const answer = { status, headers, bytes, body };
    this.options.watch?.(request.method, path, answer);
    this.bytes.set(response, bytes);
    return { response, answer };
  }

  get<T>(path: string): Promise<Answer<T>> {
    return this.send('GET', path);
  }

  post<T>(path: string, json: unknown, headers: Send['headers'] = {}): Promise<Answer<T>> {
    return this.send('POST', path, { json, headers });
  }

  /** Places a valid order with `parts` replaced. Repeats the request while the system responds with 503. */
  async placeOrder(
    parts: Readonly<Record<string, unknown>> = {},
    // With a key, because an order that was answered with 503 may have been accepted.
    idempotencyKey: string = randomUUID(),
  ): Promise<Answer<OrderView>> {
    return this.served(() => this.placeOrderOnce(parts, idempotencyKey));
  }

  /** Repeats a request while the system responds with 503, as on a machine that is busy starting another system. */
  async served<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
    const deadline = performance.now() + patience;
    for (;;) {
      const answer = await call();
      if (answer.status !== 503 || performance.now() > deadline) return answer;
      await new Promise((resolve) => setTimeout(resolve, comeAgainAfter));
    }
  }

  /** As `placeOrder`, but returns a 503 too. */
  async placeOrderOnce(
    parts: Readonly<Record<string, unknown>> = {},
    idempotencyKey?: string,
  ): Promise<Answer<OrderView>> {
    const header = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
    const body = this.request(parts) as Schemas['PlaceOrder'];
    const { data, error, response } = await this.api.POST('/api/v1/orders', {
      params: { header },
      body,
    });
    const { status, headers } = response;
    const bytes = this.bytes.get(response) ?? Buffer.alloc(0);
    return { status, headers, bytes, body: (data ?? error) as OrderView };
  }

  /** The body of an order that would be confirmed, with `parts` replaced. */
  request(parts: Readonly<Record<string, unknown>> = {}): object {
    return anOrderRequest({ ...this.options.order, ...parts });
  }

  order(id: string, wait = '0s'): Promise<OrderView> {
    return this.read('/api/v1/orders/{id}', { path: { id }, query: { wait } });
  }

  /** Resolves with the order once it is no longer pending. */
  settled(id: string, within = patient(60_000)): Promise<OrderView> {
    const read = async () => {
      const order = await this.order(id, '10s');
      return order.status !== 'pending' && order;
    };
    return eventually(`order ${id} settles`, read, within);
  }

  /** Places an order that must be accepted; resolves with it once it is settled. */
  async buy(parts: Readonly<Record<string, unknown>> = {}): Promise<OrderView> {
    const placed = await this.placeOrder(parts);
    if (placed.status !== 202) throw new Error(`${placed.status} ${placed.bytes.toString()}`);
    return this.settled(placed.body.id);
  }

  /** Cancels an order, which must not be shipped. */
  async cancel(id: string, reason = 'changed my mind'): Promise<OrderView> {
    const { data, response } = await this.api.POST('/api/v1/orders/{id}/cancel', {
      params: { path: { id } },
      body: { reason },
    });
    if (response.status === 202 && data) return data;
    throw new Error(`${response.url}: ${response.status} ${this.bytes.get(response)}`);
  }

  /** The body of a 200 response to GET; throws for any other status. */
  async read<P extends keyof Paths>(path: P, params: Asked<P>): Promise<Read<P>> {
    const { data, response } = await this.api.GET(path as never, { params } as never);
    if (response.status === 200) return data as Read<P>;
    throw new Error(`${response.url}: ${response.status} ${this.bytes.get(response)}`);
  }

  /** As `read`, but reads again while a service, which has three seconds, is missing from the response. */
  whole<P extends keyof Paths>(path: P, params: Asked<P>): Promise<Read<P>> {
    return eventually(`${path} lacks no service`, async () => {
      const found = await this.read(path, params);
      const { missing } = found as { readonly missing: readonly string[] };
      return missing.length === 0 && found;
    });
  }

  /** Every item of a list, page by page; with `enough`, up to the page with an item for which it is true. */
  async all<P extends keyof Paths>(
    path: P,
    params: Asked<P>,
    enough: (item: Item<P>) => boolean = () => false,
  ): Promise<Item<P>[]> {
    const items: Item<P>[] = [];
    const { query } = params as { readonly query?: object };
    let cursor: string | null | undefined;
    do {
      const next = { ...params, query: { ...query, ...(cursor ? { cursor } : {}) } };
      const page = (await this.read(path, next as never)) as List<Item<P>>;
      items.push(...page.items);
      cursor = page.items.some(enough) ? null : page.nextCursor;
    } while (cursor !== null);
    return items;
  }
}
