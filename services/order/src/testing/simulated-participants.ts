import {
  AuthorizePayment,
  BookShipment,
  CancelShipment,
  CapturePayment,
  CommitStock,
  type Envelope,
  type Message,
  ReleaseStock,
  ReserveStock,
  StepFailed,
  VoidPayment,
} from '@waybill/contracts';
import type { SeededRandom } from '@waybill/testing';
import { repliesTo } from './order.fixtures.ts';

type Replies = ReturnType<typeof repliesTo>;

interface Part {
  readonly step: string;
  readonly yes: keyof Replies;
  readonly no?: keyof Replies;
  readonly isUndo?: true;
}

const parts: Readonly<Record<string, Part>> = {
  [ReserveStock.type]: { step: 'reserve-stock', yes: 'reserved', no: 'outOfStock' },
  [AuthorizePayment.type]: { step: 'authorize-payment', yes: 'authorized', no: 'declined' },
  [BookShipment.type]: { step: 'book-shipment', yes: 'booked', no: 'noCarrier' },
  [CapturePayment.type]: { step: 'capture-payment', yes: 'captured', no: 'captureRefused' },
  [CommitStock.type]: { step: 'commit-stock', yes: 'committed' },
  [ReleaseStock.type]: { step: 'reserve-stock', yes: 'released', isUndo: true },
  [VoidPayment.type]: { step: 'authorize-payment', yes: 'voided', isUndo: true },
  [CancelShipment.type]: { step: 'book-shipment', yes: 'shipmentCancelled', isUndo: true },
};

export type Outcome = 'done' | 'refused' | 'undone';

/** Inventory, payment and shipping with the rules of do and undo, and every way of being unreliable. */
export class SimulatedParticipants {
  readonly outcomes = new Map<string, Outcome>();
  /** How often an effect happened; more than once is a mistake of the participants themselves. */
  readonly effects = new Map<string, number>();
  reliable = false;

  constructor(private readonly random: SeededRandom) {}

  /** Carries a command out, or loses it on the way; gives what it answers. */
  take({ type, key: orderId, data }: Envelope): Message[] {
    const part = parts[type];
    if (!part) return [];
    const fate = this.reliable ? 1 : this.random.next();
    if (fate < 0.03) return [];
    if (fate < 0.05) return [stepFailed(orderId, type)];
    const outcome = this.carryOut(`${orderId}/${part.step}`, part);
    if (fate < 0.08) return [];
    if (fate < 0.1) return [stepFailed(orderId, type)];
    const replies = repliesTo(orderId, totalOf(data));
    const answer = part.isUndo || outcome === 'done' ? part.yes : (part.no ?? part.yes);
    return [replies[answer] as Message];
  }

  outcomeOf(orderId: string, step: string): Outcome | undefined {
    return this.outcomes.get(`${orderId}/${step}`);
  }

  private carryOut(operation: string, part: Part): Outcome {
    const known = this.outcomes.get(operation);
    if (part.isUndo) return this.note(operation, 'undone');
    if (known) return known;
    const refuses = part.no !== undefined && this.random.next() < 0.1;
    if (!refuses) this.effects.set(operation, (this.effects.get(operation) ?? 0) + 1);
    return this.note(operation, refuses ? 'refused' : 'done');
  }

  private note(operation: string, outcome: Outcome): Outcome {
    this.outcomes.set(operation, outcome);
    return outcome;
  }
}

const stepFailed = (orderId: string, command: string): Message =>
  StepFailed({ orderId, command, deadLetterId: 'inventory.1', error: 'broken' }) as Message;

const totalOf = (data: unknown) =>
  (data as { amount?: { amount: number; currency: string } }).amount ?? {
    amount: 0,
    currency: 'EUR',
  };
