import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, fetch, WebSocket } from 'undici';
import { CountedLink } from './counted-link.ts';

/** An order as a client is told of it. */
interface Told {
  readonly id: string;
  readonly status: string;
}

/** One way in which a client learns that its orders are confirmed. */
export abstract class Way {
  requests = 0;
  /** Until orders were no longer placed. */
  requestsInTime = 0;
  /** When the client knew of an order that it is confirmed, in milliseconds since the epoch. */
  readonly known = new Map<string, number>();
  protected over = false;

  constructor(
    readonly name: string,
    readonly link: CountedLink,
    protected readonly token: string,
  ) {}

  /** Resolves when the client will learn of every order from now on. */
  abstract begin(): Promise<void>;

  /** On the wire so far. */
  get bytes(): number {
    return this.link.bytes;
  }

  /** Requests until now, in both directions. */
  mark(): void {
    this.requestsInTime = this.requests;
  }

  /** Called for each order that was accepted. */
  placed(_orderId: string): void {}

  async end(): Promise<void> {
    this.over = true;
    this.link.close();
  }

  protected learn({ id, status }: Told): void {
    if (status !== 'pending' && !this.known.has(id)) this.known.set(id, Date.now());
  }

  protected call(path: string, options: { method?: string; body?: object } = {}) {
    this.requests += 1;
    return fetch(`${this.link.url}${path}`, {
      method: options.method ?? 'GET',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(options.body ? { body: JSON.stringify(options.body) } : {}),
      dispatcher: this.agent,
    });
  }

  private readonly agent = new Agent({ keepAliveTimeout: 60_000 });
}

/** Asks for the changes since the last one, again and again. */
export class Polling extends Way {
  private since = 0;

  constructor(
    private readonly every: number,
    link: CountedLink,
    token: string,
  ) {
    super(`polling every ${every / 1_000} s`, link, token);
  }

  async begin(): Promise<void> {
    while ((await this.poll()) > 0);
    void this.keepPolling();
  }

  private async keepPolling(): Promise<void> {
    for (; !this.over; await pause(this.every)) await this.poll().catch(() => undefined);
  }

  private async poll(): Promise<number> {
    const answer = await this.call(`/api/v1/orders?since_id=${this.since}&limit=200`);
    const { items } = (await answer.json()) as { items: (Told & { changeId: number })[] };
    for (const item of items) this.learn(item);
    this.since = items.at(-1)?.changeId ?? this.since;
    return items.length;
  }
}

/** A stream of server-sent events for each order, until it is confirmed. */
export class Streams extends Way {
  async begin(): Promise<void> {}

  override placed(orderId: string): void {
    void this.follow(orderId).catch(() => undefined);
  }

  private async follow(orderId: string): Promise<void> {
    const answer = await this.call(`/api/v1/orders/${orderId}/stream`);
    let buffer = '';
    for await (const bytes of answer.body ?? []) {
      buffer += Buffer.from(bytes as Uint8Array).toString();
      const lines = buffer.split('\n');
      buffer = lines.pop() ?? '';
      for (const line of lines)
        if (line.startsWith('data:')) this.learn(JSON.parse(line.slice(5)) as Told);
      if (this.known.has(orderId)) return;
    }
  }
}

/** One WebSocket, which joins the room of each order. */
export class Socket extends Way {
  private socket: WebSocket | null = null;

  async begin(): Promise<void> {
    const answer = await this.call('/api/v1/ws/tickets', { method: 'POST' });
    const { ticket } = (await answer.json()) as { ticket: string };
    const url = `${this.link.url.replace('http', 'ws')}/ws?ticket=${ticket}`;
    this.requests += 1;
    const socket = new WebSocket(url, {
      protocols: 'waybill.v1',
      headers: { origin: this.link.url },
    });
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { type: string; room?: string; order?: Told };
      if (message.type !== 'order_updated' || !message.order) return;
      this.learn(message.order);
      if (this.known.has(message.order.id)) this.send({ type: 'leave_room', room: message.room });
    });
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', ({ error, message }) => reject(error ?? new Error(message)));
    });
  }

  override placed(orderId: string): void {
    this.send({ type: 'join_room', room: `order:${orderId}` });
  }

  override async end(): Promise<void> {
    this.socket?.close();
    await super.end();
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }
}

/** An endpoint that is called for each order that is confirmed. */
export class Webhook extends Way {
  private readonly receiver = createServer((request, response) => {
    void this.receive(request).then(() => response.writeHead(204).end());
  });
  private calls: CountedLink | null = null;

  async begin(): Promise<void> {
    await new Promise<void>((resolve) => this.receiver.listen(0, '127.0.0.1', resolve));
    const { port } = this.receiver.address() as { port: number };
    // Counted where the endpoint is called, not where it is subscribed.
    this.calls = await CountedLink.to(`http://127.0.0.1:${port}`);
    const body = { url: this.calls.url, events: ['order.confirmed'] };
    const answer = await this.call('/api/v1/webhooks', { method: 'POST', body });
    if (answer.status !== 201) throw new Error(`POST /webhooks answered ${answer.status}`);
  }

  override get bytes(): number {
    return this.calls?.bytes ?? 0;
  }

  override async end(): Promise<void> {
    await super.end();
    this.calls?.close();
    this.receiver.close();
  }

  private async receive(request: IncomingMessage): Promise<void> {
    this.requests += 1;
    const { data } = JSON.parse(await text(request)) as { data: { orderId: string } };
    this.learn({ id: data.orderId, status: 'confirmed' });
  }
}
