import {
  type Contract,
  type Envelope,
  type Message,
  type Money,
  StepFailed,
} from '@waybill/contracts';
import type { SeededRandom } from '@waybill/testing';
import { orderSagas } from '../sagas/order-sagas.ts';
import { repliesToTwo, replyTo, sagaData, shipmentsOfReplies } from './order.fixtures.ts';
import { type Paying, SimulatedCredit } from './simulated-credit.ts';

interface Part {
  readonly step: string;
  readonly yes: Contract;
  readonly no?: Contract | undefined;
  readonly later?: Contract | undefined;
  readonly isUndo?: true;
}

/** The data of any saga, for the types of its commands. */
const anyData = {
  ...sagaData,
  returnId: sagaData.orderId,
  amount: sagaData.total,
  credit: sagaData.total,
};

/** What participants do for each command type, derived from the sagas. */
const parts: ReadonlyMap<string, Part> = new Map(
  orderSagas.flatMap(({ steps }) =>
    steps.flatMap(({ name: step, send, succeedsOn, failsOn, delayedOn, undo, undoneOn }) => {
      const known: [string, Part][] = [];
      if (send && succeedsOn)
        known.push([
          send(anyData).contract.type,
          { step, yes: succeedsOn, no: failsOn, later: delayedOn },
        ]);
      if (undo && undoneOn)
        known.push([undo(anyData).contract.type, { step, yes: undoneOn, isUndo: true }]);
      return known;
    }),
  ),
);

export type Outcome = 'done' | 'refused' | 'undone';

/** Inventory, payment and shipping with the rules of do and undo, and every kind of unreliability. */
export class SimulatedParticipants {
  readonly outcomes = new Map<string, Outcome>();
  /** How often each effect happened; more than once is an error of the participants themselves. */
  readonly effects = new Map<string, number>();
  reliable = false;
  private readonly credit = new SimulatedCredit();
  /** Whether the stock of every third order lies in two warehouses. */
  hasTwoWarehouses = false;

  /** Orders whose carrier has the parcel. */
  private readonly pickedUp = new Set<string>();

  constructor(private readonly random: SeededRandom) {}

  /** Carries out a command, or loses it in transit; returns the replies. */
  take({ type, key: orderId, data }: Envelope): Message[] {
    const part = parts.get(type);
    if (!part) return [];
    const fate = this.reliable ? 1 : this.random.next();
    if (fate < 0.03) return [];
    if (fate < 0.05) return [stepFailed(orderId, type)];
    const about = aboutOf(data);
    const operation = operationOf(orderId, part.step, about);
    const outcome = this.carryOut(operation, orderId, part);
    const credit = outcome === 'done' ? this.credit.of(operation, part.step, data as Paying) : {};
    if (fate < 0.08) return [];
    if (fate < 0.1) return [stepFailed(orderId, type)];
    const answer = part.isUndo || outcome === 'done' ? part.yes : (part.no ?? part.yes);
    const reply = this.reply(orderId, answer, totalOf(data));
    return [
      ...this.noticeOf(orderId, part),
      answer({ ...(reply.data as object), ...about, ...credit }),
    ];
  }

  outcomeOf(orderId: string, step: string): Outcome | undefined {
    return this.outcomes.get(`${orderId}/${step}`);
  }

  /** The carrier comes for the parcel of an order; false if it was stopped before. */
  pickUp(orderId: string): boolean {
    if (this.outcomeOf(orderId, 'stop-shipment') === 'done') return false;
    this.pickedUp.add(orderId);
    return true;
  }

  private noticeOf(orderId: string, { later }: Part): Message[] {
    return later && this.random.next() < 0.2 ? [replyTo(orderId, later)] : [];
  }

  /** The shipments of an order. */
  parcelsOf(orderId: string): readonly string[] {
    const isThird = Number.parseInt(orderId.slice(-2), 16) % 3 === 0;
    return shipmentsOfReplies.slice(0, this.hasTwoWarehouses && isThird ? 2 : 1);
  }

  private reply(orderId: string, answer: Contract, total: Money): Message {
    const ofTwo: readonly Message[] = Object.values(repliesToTwo(orderId));
    const found = ofTwo.find(({ contract }) => contract.type === answer.type);
    return found && this.parcelsOf(orderId).length > 1 ? found : replyTo(orderId, answer, total);
  }

  private carryOut(operation: string, orderId: string, part: Part): Outcome {
    const known = this.outcomes.get(operation);
    if (part.isUndo) return this.note(operation, 'undone');
    const isTriedAgain = known === 'refused' && part.step === 'refund-payment';
    if (known && !isTriedAgain) return known;
    const refuses = part.no !== undefined && this.refuses(orderId, part);
    if (!refuses) this.effects.set(operation, (this.effects.get(operation) ?? 0) + 1);
    return this.note(operation, refuses ? 'refused' : 'done');
  }

  private refuses(orderId: string, { step }: Part): boolean {
    if (step === 'stop-shipment') return this.pickedUp.has(orderId);
    if (step === 'refund-payment') return !this.reliable && this.random.next() < 0.2;
    return this.random.next() < 0.1;
  }

  private note(operation: string, outcome: Outcome): Outcome {
    this.outcomes.set(operation, outcome);
    return outcome;
  }
}

/** The ids that a command and its reply share, besides that of the order. */
const aboutOf = (data: unknown): { refundId?: string; returnId?: string } => {
  const { refundId, returnId } = data as { refundId?: string; returnId?: string };
  return { ...(refundId ? { refundId } : {}), ...(returnId ? { returnId } : {}) };
};

/** An order is cancelled once, and may have several returns. */
export const operationOf = (
  orderId: string,
  step: string,
  { refundId, returnId = refundId }: ReturnType<typeof aboutOf>,
): string => [orderId, step, ...(returnId && returnId !== orderId ? [returnId] : [])].join('/');

const stepFailed = (orderId: string, command: string): Message =>
  StepFailed({ orderId, command, deadLetterId: 'inventory.1', error: 'broken' }) as Message;

const totalOf = (data: unknown) =>
  (data as { amount?: { amount: number; currency: string } }).amount ?? {
    amount: 0,
    currency: 'EUR',
  };

/** The consumer group that receives every command. */
export const participantsGroup = {
  name: 'participants',
  kind: 'command' as const,
  partitions: 2,
  bindings: ['inventory', 'payment', 'shipping'].map((context) => ({
    channel: `${context}.commands`,
    pattern: '#',
  })),
};
