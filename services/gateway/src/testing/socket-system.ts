import { once } from 'node:events';
import { Problem, type TokenVerifier } from '@waybill/http';
import { ada, namedTokens, testSecret } from '@waybill/http/testing';
import type { Clock } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import type { Environment } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { WebSocket } from 'ws';
import {
  AccountActivity,
  type ActivityChange,
  type ActivityPage,
} from '../inactive/account-activity.ts';
import { type FeedStart, type OrderFeed, OrderFeeds, type OrderVersion } from '../order-feeds.ts';
import { type RunningGateway, startGateway } from '../start-gateway.ts';
import type { Upstream } from '../upstreams/upstream.ts';

/** A customer service that tells who is deactivated. */
export class FakeActivity extends AccountActivity {
  readonly changes: ActivityChange[] = [];

  async after(position: number): Promise<ActivityPage> {
    return { position: this.changes.length, changes: this.changes.slice(position) };
  }
}

/** An order service with orders of Ada and of others; `advance` makes the next version of one. */
export class FakeFeeds extends OrderFeeds {
  readonly starts: FeedStart[] = [];
  readonly owners = new Map<string, string>();
  private readonly versions = new Map<string, number>();
  private readonly wakers = new Set<() => void>();
  private readonly open_ = new Set<{ ended: Error | null }>();

  advance(orderId: string, owner = 'Bearer ada'): void {
    this.owners.set(orderId, owner);
    this.versions.set(orderId, (this.versions.get(orderId) ?? 0) + 1);
    this.wake();
  }

  /** The number of feeds that are open. */
  get size(): number {
    return this.open_.size;
  }

  /** All streams are cut off, as when the service is killed. */
  cut(): void {
    for (const feed of this.open_) feed.ended = new Error('lost');
    this.wake();
  }

  async open(orderId: string, start: FeedStart): Promise<OrderFeed> {
    const { authorization, after } = start;
    this.starts.push(start);
    const mine = [this.owners.get(orderId), 'Bearer operator'].includes(authorization);
    if (!this.owners.has(orderId) || !mine)
      throw new Problem(404, 'not_found', 'there is no such order');
    const feed = { ended: null as Error | null };
    this.open_.add(feed);
    const close = (): void => {
      feed.ended ??= new Error('closed');
      this.open_.delete(feed);
      this.wake();
    };
    const current = this.versions.get(orderId) ?? 1;
    return { versions: this.from(orderId, after ?? current - 1, feed), close };
  }

  private async *from(
    id: string,
    after: number,
    feed: { ended: Error | null },
  ): AsyncIterable<OrderVersion> {
    for (let version = after + 1; !feed.ended; ) {
      if (version <= (this.versions.get(id) ?? 0)) {
        yield { id: version, order: { id, status: 'pending', version } };
        version += 1;
      } else await new Promise<void>((resolve) => this.wakers.add(resolve));
    }
    throw feed.ended;
  }

  private wake(): void {
    for (const wake of this.wakers) wake();
    this.wakers.clear();
  }
}

/** A gateway with nothing behind it but orders and accounts that the test controls. */
export class SocketSystem {
  readonly activity = new FakeActivity();
  readonly feeds = new FakeFeeds();
  private readonly clients: SocketClient[] = [];
  private gateway: RunningGateway | undefined;

  get url(): string {
    return this.gateway?.url ?? '';
  }

  async start(
    env: Environment = {},
    options: { clock?: Clock; tokens?: TokenVerifier } = {},
  ): Promise<void> {
    const unused = {} as never;
    this.gateway = await startGateway({
      env: { SERVICE_SECRET: testSecret, ...env },
      upstreams: [orders()],
      orderOwner: unused,
      orderFeeds: this.feeds,
      availability: unused,
      quotes: unused,
      activity: this.activity,
      listen: { host: '127.0.0.1', port: 0 },
      tokenVerifier: options.tokens ?? userTokens,
      ...(options.clock ? { clock: options.clock } : {}),
    });
  }

  async close(): Promise<void> {
    for (const client of this.clients.splice(0)) client.end();
    await this.gateway?.close();
    this.gateway = undefined;
  }

  /** Begins to stop, while clients are connected. */
  stop(): Promise<void> {
    return this.gateway?.close() ?? Promise.resolve();
  }

  async ticket(token = 'ada'): Promise<string> {
    const answer = await fetch(`${this.url}/api/v1/ws/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    return ((await answer.json()) as { ticket: string }).ticket;
  }

  /** A client after its first message. */
  async connect(token = 'ada'): Promise<SocketClient> {
    const client = await this.open({ ticket: await this.ticket(token) });
    await client.next('connection_established');
    return client;
  }

  async open({
    ticket = '',
    origin = this.url,
    protocol = 'waybill.v1',
  }: Handshake): Promise<SocketClient> {
    const client = new SocketClient(this.url, { ticket, origin, protocol });
    this.clients.push(client);
    await client.opened;
    return client;
  }
}

/** How a client asks for a WebSocket. */
export interface Handshake {
  readonly ticket?: string;
  readonly origin?: string | null;
  readonly protocol?: string | null;
}

type Received = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A client of the WebSocket that keeps what it receives. */
export class SocketClient {
  readonly received: Received[] = [];
  readonly socket: WebSocket;
  readonly opened: Promise<unknown>;
  readonly closed: Promise<number>;
  private taken = 0;

  constructor(url: string, { ticket, origin, protocol }: Handshake) {
    const headers = origin ? { origin } : {};
    const address = `${url.replace('http', 'ws')}/ws?ticket=${ticket}`;
    this.socket = new WebSocket(address, protocol ? [protocol] : [], { headers });
    this.opened = once(this.socket, 'open');
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data) => this.received.push(JSON.parse(String(data))));
  }

  get id(): string {
    return String(this.received[0]?.['clientId']);
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The next message that was not taken yet, which must be of this type. */
  async next(type: string): Promise<Received> {
    await until(() => this.received.length > this.taken);
    const message = this.received[this.taken] as Received;
    this.taken += 1;
    if (message.type !== type) throw new Error(`expected ${type}, not ${JSON.stringify(message)}`);
    return message;
  }

  /** The message that answers another one. */
  exchange(message: object, type: string): Promise<Received> {
    this.send(message);
    return this.next(type);
  }

  /** True if nothing came that was not taken, once everything sent so far is handled. */
  async isSilent(): Promise<boolean> {
    await this.exchange({ type: 'ping' }, 'pong');
    return this.received.length === this.taken;
  }

  end(): void {
    this.socket.terminate();
  }
}

/** An order service that audits, and serves nothing. */
const orders = (): Upstream => ({
  name: 'order',
  routes: { all: () => [], serves: () => false },
  operations: new FakeOperations('order'),
  metrics: { text: async () => '' },
  document: async () => ({ openapi: '3.1.0', info: { title: '', version: '' }, paths: {} }),
  health: async () => [],
  obstacles: async () => [],
  dispatch: () => {},
  drain: () => {},
  onRoutes: () => {},
});

/** `ada` and `operator`, and every other word is a customer of that name. */
const userTokens: TokenVerifier = {
  verify: (token) =>
    ['ada', 'operator'].includes(token) ? namedTokens.verify(token) : { ...ada, id: token },
};
