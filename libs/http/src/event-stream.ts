import type { ServerResponse } from 'node:http';
import type { Clock } from '@waybill/messaging';
import type { FastifyReply } from 'fastify';

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Without it nginx would buffer the events.
  'x-accel-buffering': 'no',
} as const;

export interface EventStreamOptions {
  /** Milliseconds between the comments that keep an idle stream open. */
  readonly heartbeat: number;
  /** Bytes that may be buffered for a slow reader before it is disconnected; it reconnects with its `Last-Event-ID`. */
  readonly mostWaiting: number;
  /** Milliseconds after which a disconnected reader should reconnect. */
  readonly retry: number;
}

/** One event; a reader that reconnects sends its `id`, if it has one, as `Last-Event-ID`. */
export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

/** A response of server-sent events that stays open until its reader disconnects or it is ended. */
export class EventStream {
  private readonly response: ServerResponse;
  private readonly leaving: (() => void)[] = [];
  private readonly beats: (() => void)[] = [];
  private forgetBeat: () => void = () => {};
  private open = true;

  /** Sends the head of the response; from now on the reply belongs to the stream. */
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
    // The connection cannot be reused after the stream ends.
    this.response.shouldKeepAlive = false;
    this.response.writeHead(200);
    this.write(`retry: ${options.retry}\n\n`);
    this.beatLater();
    // A reader that disconnected before this point causes no more events.
    if (this.response.destroyed) this.left();
    // A HEAD request gets the headers only.
    if (reply.request.method === 'HEAD') this.end();
  }

  get isOpen(): boolean {
    return this.open;
  }

  send({ id, event, data }: StreamEvent): void {
    const first = id === undefined ? '' : `id: ${id}\n`;
    this.write(`${first}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Calls `run` once when the stream has ended for any reason, at once if it already has. */
  onEnd(run: () => void): void {
    if (this.open) this.leaving.push(run);
    else run();
  }

  /** Calls `run` at every heartbeat. */
  onBeat(run: () => void): void {
    this.beats.push(run);
  }

  /** Ends the response cleanly; a reader that wants more reconnects. */
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
