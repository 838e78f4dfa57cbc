import type { ProblemBody, TokenVerifier } from '@waybill/http';
import { ada, namedTokens, testSecret } from '@waybill/http/testing';
import type { Clock } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import type { Environment } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { type RunningGateway, startGateway } from '../start-gateway.ts';
import type { Upstream } from '../upstreams/upstream.ts';
import { FakeActivity, FakeFeeds, FakeLive } from './fake-services.ts';
import { type Handshake, SocketClient } from './socket-client.ts';

/** A gateway with nothing behind it but orders and accounts that the test controls. */
export class SocketSystem {
  readonly activity = new FakeActivity();
  readonly feeds = new FakeFeeds();
  readonly live = new FakeLive();
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
      live: this.live,
      listen: { host: '127.0.0.1', port: 0 },
      tokenVerifier: options.tokens ?? userTokens,
      ...(options.clock ? { clock: options.clock } : {}),
    });
  }

  /** Ends every connection of the test, and resolves when the gateway knows. */
  async disconnect(): Promise<void> {
    const clients = this.clients.splice(0);
    for (const client of clients) client.end();
    await this.hasConnections(0);
  }

  /** Resolves when the gateway has this number of connections. */
  async hasConnections(count: number): Promise<void> {
    await until(async () =>
      (await this.metrics()).includes(`waybill_ws_connections{service="gateway"} ${count}\n`),
    );
  }

  /** The metrics of the gateway. */
  async metrics(): Promise<string> {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  /** What the gateway tells of the health of the system. */
  async health(): Promise<string> {
    return (await fetch(`${this.url}/health`)).text();
  }

  /** The rooms of the gateway. */
  async rooms(): Promise<readonly unknown[]> {
    const headers = { authorization: 'Bearer operator' };
    const answer = await fetch(`${this.url}/api/v1/ws/rooms`, { headers });
    return ((await answer.json()) as { items: readonly unknown[] }).items;
  }

  /** The problem with which a request for a WebSocket is refused. */
  async refused({
    ticket = '',
    origin = this.url,
    protocol = 'waybill.v1',
  }: Handshake): Promise<ProblemBody> {
    const client = new SocketClient(this.url, { ticket, origin, protocol });
    return client.refusal;
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
    await Promise.race([client.opened, client.refusal.then(fail)]);
    return client;
  }
}

const fail = (problem: ProblemBody): never => {
  throw new Error(`refused: ${problem.detail}`);
};

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
