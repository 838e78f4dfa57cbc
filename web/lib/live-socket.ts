import { signal } from '@preact/signals';
import type { ClientMessage, ServerMessage, ServerMessageOf } from '@waybill/contracts/socket';

export type SocketState = 'closed' | 'connecting' | 'open' | 'waiting';

/** What a connection has carried, over all its reconnects. */
export interface Traffic {
  readonly received: number;
  readonly sent: number;
  readonly bytes: number;
  readonly reconnects: number;
  /** Milliseconds from a `ping` to its `pong`; null before the first. */
  readonly latency: number | null;
}

type Listener = (message: ServerMessage) => void;

const protocol = 'waybill.v1';
/** Milliseconds before the first attempt to connect again, and the longest pause. */
const [firstPause, longestPause] = [250, 10_000];
const pingEvery = 5_000;
/** Closed by the server because the user has no access any more (4401, 4403). */
const refused = (code: number): boolean => code === 4401 || code === 4403;

/** The connection to `/ws`, which is opened again when it was lost, with a new ticket. */
export class LiveSocket {
  readonly state = signal<SocketState>('closed');
  readonly clientId = signal<string | null>(null);
  /** Why it is not open, in words; null if it is. */
  readonly trouble = signal<string | null>(null);
  readonly traffic = signal<Traffic>({
    received: 0,
    sent: 0,
    bytes: 0,
    reconnects: 0,
    latency: null,
  });
  private readonly listeners = new Set<Listener>();
  private socket: WebSocket | null = null;
  private wanted = false;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pinged = 0;

  /** `ticket` resolves with a new ticket, and rejects if nobody is signed in. */
  constructor(private readonly ticket: () => Promise<string>) {}

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.connect();
  }

  close(): void {
    this.wanted = false;
    clearTimeout(this.timer);
    this.socket?.close(1000);
    this.socket = null;
    this.state.value = 'closed';
  }

  /** Returns a function that stops listening. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Calls `listener` with the messages of one type. */
  on<T extends ServerMessage['type']>(
    type: T,
    listener: (message: ServerMessageOf<T>) => void,
  ): () => void {
    return this.listen((message) => {
      if (message.type === type) listener(message as ServerMessageOf<T>);
    });
  }

  /** False if the connection is not open; then nothing was sent. */
  send(message: ClientMessage): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    this.count({ sent: this.traffic.value.sent + 1 });
    return true;
  }

  private async connect(): Promise<void> {
    this.state.value = 'connecting';
    let ticket: string;
    try {
      ticket = await this.ticket();
    } catch (error) {
      this.again(error instanceof Error ? error.message : 'no ticket');
      return;
    }
    if (!this.wanted) return;
    const url = new URL('/ws', location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('ticket', ticket);
    const socket = new WebSocket(url, protocol);
    this.socket = socket;
    socket.onmessage = ({ data }) => this.receive(String(data));
    socket.onclose = ({ code, reason }) => {
      if (this.socket !== socket) return;
      if (refused(code)) {
        this.close();
        this.trouble.value = reason;
      } else this.again(reason || 'the connection was lost');
    };
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as ServerMessage;
    const { received, bytes } = this.traffic.value;
    this.count({ received: received + 1, bytes: bytes + text.length });
    if (message.type === 'pong') this.count({ latency: performance.now() - this.pinged });
    for (const listener of this.listeners) listener(message);
    // Last: when it is open, its listeners have forgotten what they had on the connection before.
    if (message.type === 'connection_established') this.begin(message.clientId);
  }

  private begin(clientId: string): void {
    this.clientId.value = clientId;
    this.state.value = 'open';
    this.trouble.value = null;
    this.failures = 0;
    this.ping();
  }

  private ping(): void {
    this.pinged = performance.now();
    if (this.send({ type: 'ping' })) this.timer = setTimeout(() => this.ping(), pingEvery);
  }

  /** With a random part, so that all clients of a gateway that has stopped do not come at once. */
  private again(why: string): void {
    clearTimeout(this.timer);
    if (!this.wanted) return;
    this.socket = null;
    this.state.value = 'waiting';
    this.trouble.value = why;
    this.count({ reconnects: this.traffic.value.reconnects + 1 });
    const pause = Math.min(longestPause, firstPause * 2 ** this.failures) * (0.5 + Math.random());
    this.failures += 1;
    this.timer = setTimeout(() => void this.connect(), pause);
  }

  private count(change: Partial<Traffic>): void {
    this.traffic.value = { ...this.traffic.value, ...change };
  }
}
