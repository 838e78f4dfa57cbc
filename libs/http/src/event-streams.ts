import type { Clock } from '@waybill/messaging';
import type { FastifyReply } from 'fastify';
import { stopping } from './answer-problem.ts';
import type { Caller } from './auth/caller.ts';
import { EventStream } from './event-stream.ts';
import { Problem } from './problem.ts';

export interface EventStreamLimits {
  /** How many streams one caller may have open. */
  readonly perCaller: number;
  /** How many streams the service keeps open in total. */
  readonly total: number;
}

const heartbeat = 15_000;
const mostWaiting = 256 * 1024;
const retry = 1_000;

/** The open event streams of a service: limited per caller, and ended before the service stops. */
export class EventStreams {
  private readonly open = new Set<EventStream>();
  private readonly byCaller = new Map<string, number>();
  private closing = false;

  constructor(
    private readonly clock: Clock,
    private readonly limits: EventStreamLimits,
  ) {}

  get size(): number {
    return this.open.size;
  }

  /**
   * Turns the reply into a stream of events that ends when the caller's token expires. Throws a 429 problem if the caller has
   * too many streams, a 503 problem if the service has too many or is stopping; the reply is then untouched.
   */
  begin(reply: FastifyReply, caller: Pick<Caller, 'id' | 'expiresAt'>): EventStream {
    this.check(caller.id);
    const stream = new EventStream(reply, this.clock, { heartbeat, mostWaiting, retry });
    this.open.add(stream);
    this.byCaller.set(caller.id, (this.byCaller.get(caller.id) ?? 0) + 1);
    const forgetExpiry = this.endWithToken(stream, caller);
    stream.onEnd(() => {
      forgetExpiry();
      this.forget(stream, caller.id);
    });
    return stream;
  }

  /** Ends every stream, and refuses new ones from now on. */
  close(): void {
    this.closing = true;
    for (const stream of [...this.open]) stream.end();
  }

  private check(callerId: string): void {
    if (this.closing) throw stopping();
    if (this.open.size >= this.limits.total) {
      throw refused(503, 'overloaded', 'too many event streams are open; try again later', 5);
    }
    const { perCaller } = this.limits;
    if ((this.byCaller.get(callerId) ?? 0) < perCaller) return;
    throw refused(429, 'too_many_streams', `you have ${perCaller} event streams open already`, 5);
  }

  private endWithToken(stream: EventStream, { expiresAt }: Pick<Caller, 'expiresAt'>): () => void {
    if (expiresAt === undefined) return () => {};
    const left = expiresAt - this.clock.now().getTime();
    return this.clock.after(Math.max(0, left), () => stream.end());
  }

  private forget(stream: EventStream, callerId: string): void {
    this.open.delete(stream);
    const left = (this.byCaller.get(callerId) ?? 1) - 1;
    if (left > 0) this.byCaller.set(callerId, left);
    else this.byCaller.delete(callerId);
  }
}

const refused = (status: number, code: string, detail: string, seconds: number): Problem =>
  new Problem(status, code, detail, { headers: { 'retry-after': String(seconds) } });

/**
 * The id of the last event that a reader received: from the header that browsers send when they reconnect, else from the query.
 * Undefined if neither is set; throws a 400 problem that names the source of a value that is not a whole number.
 */
export function lastEventIdOf(
  header: string | undefined,
  query: string | undefined,
): number | undefined {
  const [name, value] = header ? ['Last-Event-ID', header] : ['lastEventId', query];
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw badLastEventId(
    name as string,
    'is not a whole number: it is the id of an event of this stream',
  );
}

/** The 400 problem of a `Last-Event-ID` that no event of the stream has. */
export const badLastEventId = (name: string, message: string): Problem =>
  new Problem(400, 'invalid_request', `${name} ${message}`, {
    errors: [{ path: `/${name}`, message }],
  });
