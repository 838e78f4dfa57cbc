import { once } from 'node:events';
import type { ProblemBody } from '@waybill/http';
import { until } from '@waybill/messaging/testing';
import { WebSocket } from 'ws';

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
  /** The problem with which it was refused. */
  readonly refusal: Promise<ProblemBody>;
  private taken = 0;

  constructor(url: string, { ticket, origin, protocol }: Handshake) {
    const headers = origin ? { origin } : {};
    const address = `${url.replace('http', 'ws')}/ws?ticket=${ticket}`;
    this.socket = new WebSocket(address, protocol ? [protocol] : [], { headers });
    this.opened = once(this.socket, 'open');
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.refusal = new Promise((resolve) =>
      this.socket.once('unexpected-response', (_, answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
        answer.once('end', () => resolve(JSON.parse(text) as ProblemBody));
      }),
    );
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

  /** Resolves once a message that fits has come. */
  until(fits: (message: Received) => boolean): Promise<void> {
    return until(() => this.received.some(fits));
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

  /** Resolves when everything that came before is answered, pings included. */
  async pinged(): Promise<void> {
    const answered = once(this.socket, 'pong');
    this.socket.ping();
    await answered;
  }

  end(): void {
    this.socket.terminate();
  }
}
