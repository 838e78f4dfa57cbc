import { createHash, createHmac } from 'node:crypto';
import type { LedgerRecord } from './operation.ts';
import type { PaymentProvider } from './payment-provider.ts';

export interface WebhookTarget {
  readonly url: string;
  /** `whsec_` and base64, as the Standard Webhooks specification says. */
  readonly secret: string;
  /** What is told; default: what its owner cannot know from the answers that it got. */
  readonly events?: readonly EventType[];
}

export const eventTypes = [
  'charge.voided',
  'charge.captured',
  'charge.refunded',
  'charge.disputed',
] as const;
export type EventType = (typeof eventTypes)[number];

const defaultEvents: readonly EventType[] = ['charge.refunded', 'charge.disputed'];

/** What the provider tells of a charge; the same event always has the same id. */
export interface ProviderEvent {
  readonly id: string;
  readonly type: EventType;
  readonly createdAt: string;
  readonly data: {
    readonly operationId: string;
    readonly orderId: string;
    readonly chargeId: string;
    readonly amount: number;
    readonly currency: string;
  };
}

const waits = [1_000, 5_000, 30_000, 120_000];
const atOnce = 8;
const mostWaiting = 10_000;

/** Sends signed events, each until it was taken or its tries are used up; what waits is lost by a restart. */
export class WebhookSender {
  private readonly queue: { event: ProviderEvent; tries: number }[] = [];
  private readonly timers = new Set<NodeJS.Timeout>();
  private sending = 0;
  private closed = false;

  constructor(
    private readonly target: WebhookTarget,
    private readonly now: () => Date,
  ) {}

  send(event: ProviderEvent): void {
    const wanted = this.target.events ?? defaultEvents;
    if (wanted.includes(event.type)) this.enqueue(event, 0);
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.queue.length = 0;
  }

  private enqueue(event: ProviderEvent, tries: number): void {
    if (this.closed || this.queue.length >= mostWaiting) return;
    this.queue.push({ event, tries });
    while (this.sending < atOnce && this.queue.length > 0) void this.sendNext();
  }

  private async sendNext(): Promise<void> {
    const next = this.queue.shift();
    if (!next) return;
    this.sending += 1;
    const taken = await this.post(next.event).catch(() => false);
    this.sending -= 1;
    const wait = waits[next.tries];
    if (!taken && wait !== undefined)
      this.later(wait, () => this.enqueue(next.event, next.tries + 1));
    if (!this.closed && this.queue.length > 0) void this.sendNext();
  }

  private later(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, ms);
    timer.unref();
    this.timers.add(timer);
  }

  private async post(event: ProviderEvent): Promise<boolean> {
    const body = JSON.stringify(event);
    const answer = await fetch(this.target.url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        ...signature(this.target.secret, event.id, this.now(), body),
      },
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
    await answer.body?.cancel();
    return answer.ok;
  }
}

/** The three headers of the Standard Webhooks specification. */
export function signature(
  secret: string,
  id: string,
  at: Date,
  body: string,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signed}` };
}

/** The event that a record of the books is told as, or nothing. */
export function eventOf(record: LedgerRecord, books: PaymentProvider): ProviderEvent | undefined {
  if (record.kind === 'authorize') return undefined;
  if (record.kind === 'void') {
    return chargeEvent(
      'charge.voided',
      record.authorization,
      record.authorization,
      record.at,
      books,
    );
  }
  if (record.refused !== null) return undefined;
  const type = record.kind === 'capture' ? 'charge.captured' : 'charge.refunded';
  return chargeEvent(
    type,
    record.operationId,
    record.authorization,
    record.at,
    books,
    record.amount,
  );
}

/** An event of a known charge; nothing for an unknown one. */
export function chargeEvent(
  type: EventType,
  operationId: string,
  authorization: string,
  at: string,
  books: PaymentProvider,
  amount?: number,
): ProviderEvent | undefined {
  const charge = books.charge(authorization);
  if (!charge) return undefined;
  return {
    id: `evt_${createHash('sha256').update(`${type}/${operationId}`).digest('hex').slice(0, 24)}`,
    type,
    createdAt: at,
    data: {
      operationId,
      orderId: charge.orderId,
      chargeId: charge.chargeId,
      amount: amount ?? charge.amount,
      currency: charge.currency,
    },
  };
}
