import { createHash } from 'node:crypto';
import { WebhookSender, type WebhookSigner, type WebhookTarget } from '@waybill/webhooks';
import type { LedgerRecord } from './operation.ts';
import type { PaymentProvider } from './payment-provider.ts';

export interface EventReceiver extends WebhookTarget {
  /** The event types to send; default: what the receiver cannot know from the responses it got. */
  readonly events?: readonly EventType[];
}

export const eventTypes = [
  'charge.authorized',
  'charge.declined',
  'charge.voided',
  'charge.captured',
  'charge.refunded',
  'charge.disputed',
] as const;
export type EventType = (typeof eventTypes)[number];

const defaultEvents: readonly EventType[] = [
  'charge.authorized',
  'charge.declined',
  'charge.refunded',
  'charge.disputed',
];

/** A provider event about a charge; the same event always has the same id. */
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

/** Whether the receiver wants an event of this type. */
export const isWanted = ({ events = defaultEvents }: EventReceiver, type: EventType): boolean =>
  events.includes(type);

const waits = [1_000, 5_000, 30_000, 120_000];
const mostWaiting = 10_000;

/** Sends events, each until it is accepted or its tries are used up; pending events are lost by a restart. */
export class EventTeller {
  private readonly sender: WebhookSender;

  constructor(
    private readonly target: WebhookTarget,
    now: () => Date,
    sign?: WebhookSigner,
  ) {
    const delay = (failures: number) => waits[failures - 1] ?? null;
    this.sender = new WebhookSender({
      now,
      delay,
      atOnce: 8,
      timeout: 10_000,
      ...(sign && { sign }),
    });
  }

  send(event: { readonly id: string }): void {
    if (this.sender.waiting >= mostWaiting) return;
    void this.sender.send(this.target, { id: event.id, body: JSON.stringify(event) });
  }

  close(): Promise<void> {
    return this.sender.close();
  }
}

/** The event for a record of the books, or undefined. */
export function eventOf(record: LedgerRecord, books: PaymentProvider): ProviderEvent | undefined {
  if (record.kind === 'authorize') return undefined;
  if (record.kind === 'void' || record.kind === 'challenge') {
    const { authorization, at } = record;
    return chargeEvent(typeOf(record), authorization, authorization, at, books);
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

function typeOf(record: Extract<LedgerRecord, { kind: 'void' | 'challenge' }>): EventType {
  if (record.kind === 'void') return 'charge.voided';
  return record.approved ? 'charge.authorized' : 'charge.declined';
}

/** An event of a known charge; undefined for an unknown one. */
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
