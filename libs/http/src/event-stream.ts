import type { ServerResponse } from 'node:http';
import type { Clock } from '@waybill/messaging';
import type { FastifyReply } from 'fastify';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // nginx would wait for more before it passes anything on.
  'x-accel-buffering': 'no',
} as const;

export interface EventStreamOptions {
  /** Milliseconds between the comments that keep a quiet stream open. */
  readonly heartbeat: number;
  /** Bytes that may wait for a slow reader before it is dropped; it comes again with its `Last-Event-ID`. */
  readonly mostWaiting: number;
  /** Milliseconds after which a reader whose stream broke should come again. */
  readonly retry: number;
}

/** One event; `id` is what a reader that comes again sends as `Last-Event-ID`. */
export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** An answer of server-sent events that stays open until its reader leaves or it is ended. */
export class EventStream {
  private readonly response: ServerResponse;
  private readonly leaving: (() => void)[] = [];
  private readonly beats: (() => void)[] = [];
  private forgetBeat: () => void = () => {};
  private open = true;

  /** Sends the head of the answer; from now on the reply belongs to the stream. */
  constructor(
    reply: FastifyReply,
    private readonly clock: Clock,
    private readonly options: EventStreamOptions,
  ) {
    reply.hijack();
    this.response = reply.raw;
    for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...headers }))
      if (value !== undefined) this.response.setHeader(name, value);
    this.response.on('error', () => this.left());
    this.response.once('close', () => this.left());
    // Nobody can use a connection again that ends with its stream.
    this.response.shouldKeepAlive = false;
    this.response.writeHead(200);
    this.write(`retry: ${options.retry}\n\n`);
    this.beatLater();
    // Whoever left before this moment tells nobody any more.
    if (this.response.destroyed) this.left();
    // Asked for its head alone.
    if (reply.request.method === 'HEAD') this.end();
  }

  get isOpen(): boolean {
    return this.open;
  }

  send({ id, event, data }: StreamEvent): void {
    this.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Calls `run` once when the stream has ended, whoever ended it; at once when it has. */
  onEnd(run: () => void): void {
    if (this.open) this.leaving.push(run);
    else run();
  }

  /** Calls `run` with every heartbeat. */
  onBeat(run: () => void): void {
    this.beats.push(run);
  }

  /** Ends the answer in order; its reader comes again if it wants more. */
  end(): void {
    if (!this.open) return;
    this.response.end();
    this.left();
  }

  private write(text: string): void {
    if (!this.open) return;
    this.response.write(text);
    if (this.response.writableLength <= this.options.mostWaiting) return;
    this.response.destroy();
    this.left();
  }

  private beatLater(): void {
    if (!this.open) return;
    this.forgetBeat = this.clock.after(this.options.heartbeat, () => {
      this.write(':\n\n');
      for (const run of this.beats) if (this.open) run();
      this.beatLater();
    });
  }

  private left(): void {
    if (!this.open) return;
    this.open = false;
    this.forgetBeat();
    for (const run of this.leaving.splice(0)) run();
  }
}
