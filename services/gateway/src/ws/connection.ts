import { newId } from '@waybill/contracts';
import type { ServerMessage } from '@waybill/contracts/socket';
import type { Clock } from '@waybill/messaging';
import { type RawData, WebSocket } from 'ws';
import { closeCodes } from './close-codes.ts';
import { Allowance } from './domain/allowance.ts';
import type { Session } from './session.ts';
import type { SocketLimits } from './socket.config.ts';
import type { SocketMetrics } from './socket-metrics.ts';

/** Milliseconds for a client to answer a close frame. */
const longestGoodbye = 1_000;

/** A WebSocket of a signed-in user. What waits for a slow reader is bounded: beyond that, messages to it are dropped and it is told. */
export class Connection {
  readonly id = newId();
  private readonly allowance: Allowance;
  /** How many more were refused than accepted since. */
  private refused = 0;
  private dropped = 0;
  private isAlive = true;
  private isClosing = false;
  private waiting: ((isOpen: boolean) => void)[] = [];

  constructor(
    private readonly socket: WebSocket,
    readonly session: Session,
    private readonly limits: Pick<SocketLimits, 'perSecond' | 'bufferBytes'>,
    private readonly clock: Clock,
    private readonly metrics: SocketMetrics,
  ) {
    this.allowance = new Allowance(limits.perSecond, clock.now().getTime());
    const alive = (): void => {
      this.isAlive = true;
    };
    socket.on('pong', alive).on('message', alive);
    socket.on('ping', () => this.mayContinue());
    // A protocol error: the library closes the connection with the code for it.
    socket.on('error', () => undefined);
    socket.once('close', () => this.release(false));
  }

  /** Calls `run` with each message of the client. */
  onMessage(run: (data: Buffer, isBinary: boolean) => void): void {
    this.socket.on('message', (data: RawData, isBinary) => run(data as Buffer, isBinary));
  }

  /** Calls `run` once when the connection has ended for any reason. */
  onEnd(run: () => void): void {
    this.socket.once('close', run);
  }

  get userId(): string {
    return this.session.caller.id;
  }

  get role(): 'customer' | 'operator' {
    return this.session.caller.roles.includes('operator') ? 'operator' : 'customer';
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  send(message: ServerMessage): void {
    this.sendText(message.type, JSON.stringify(message));
  }

  /** Sends a message whose text is made once for many. */
  sendText(type: ServerMessage['type'], text: string): void {
    if (!this.isOpen) return;
    if (this.socket.bufferedAmount > this.limits.bufferBytes) {
      this.dropped += 1;
      this.metrics.dropped();
      return;
    }
    this.metrics.sent(type, Buffer.byteLength(text));
    this.socket.send(text, () => this.flushed());
  }

  /** Resolves when there is room for another message; false if the connection has ended. */
  whenRoom(): Promise<boolean> {
    if (!this.isOpen) return Promise.resolve(false);
    if (this.socket.bufferedAmount <= this.limits.bufferBytes) return Promise.resolve(true);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Counts a message or a ping of the client; false if it is one too many, which the client is told. */
  mayContinue(): boolean {
    if (this.isClosing) return false;
    const { perSecond } = this.limits;
    if (this.allowance.take(this.clock.now().getTime())) {
      this.refused = Math.max(0, this.refused - 1);
      return true;
    }
    this.refused += 1;
    if (this.refused % perSecond === 1) {
      const message = `at most ${perSecond} messages a second; those beyond are ignored`;
      this.send({ type: 'error', code: 'rate_limited', message });
    }
    if (this.refused > 5 * perSecond) this.close('abuse', 'too many messages');
    return false;
  }

  /** Pings the client; ends the connection if the client has not responded since the last time. */
  beat(): void {
    if (!this.isAlive) this.socket.terminate();
    else if (this.isOpen) this.socket.ping();
    this.isAlive = false;
  }

  /** Ends the connection, also if the client does not take part. */
  close(why: keyof typeof closeCodes, reason: string): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.socket.close(closeCodes[why], reason);
    const cancel = this.clock.after(longestGoodbye, () => this.socket.terminate());
    this.socket.once('close', cancel);
  }

  private flushed(): void {
    if (this.socket.bufferedAmount > this.limits.bufferBytes / 2) return;
    const { dropped } = this;
    this.dropped = 0;
    if (dropped > 0) {
      const message = `${dropped} messages were dropped, because they were not read fast enough`;
      this.send({ type: 'error', code: 'messages_dropped', message });
    }
    this.release(true);
  }

  private release(isOpen: boolean): void {
    for (const resolve of this.waiting.splice(0)) resolve(isOpen && this.isOpen);
  }
}
