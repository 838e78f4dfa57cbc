import {
  type Contract,
  channelOf,
  derivedId,
  type Envelope,
  encode,
  type Message,
  newId,
  seal,
} from '@waybill/contracts';
import { retryDelay } from '@waybill/resilience';
import type { Clock } from './clock.ts';
import { countsAsAttempt, type Decision, isRetriable } from './handler.ts';
import type { StateRef } from './state.ts';
import { stepFailed } from './step-failed.ts';
import type {
  Batch,
  DeadRow,
  Fence,
  InboxRow,
  OutboxRow,
  Outcome,
  ParkedRow,
  Relay,
} from './store.ts';
import type { Work } from './work.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface BuilderOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly relay: Pick<Relay, 'route'>;
  /** How many messages are parked on a key, before this batch. */
  readonly parkedOn: (keyId: string) => number;
}

/** A redriven message came back behind the consumer's back: its key does not know of it. */
const isCounted = (work: Work): boolean =>
  work.origin.from === 'parked' && work.origin.row.reason !== 'redriven';

/** A message on its way out; `row` is null for live ones, which are not stored. */
interface Sealed {
  readonly envelope: Envelope;
  readonly row: OutboxRow | null;
}

/** Bytes; larger data travel by reference. */
const largestMessage = 64 * 1024;

/** A decision wants to send more than a broker should carry. */
class MessageTooLarge extends Error {
  readonly retriable = false;
  readonly code = 'message_too_large';
  constructor(type: string) {
    super(`${type} is larger than ${largestMessage} bytes: send a reference to its data`);
    this.name = 'MessageTooLarge';
  }
}

/** What becomes of one work of the batch once it is committed. */
export interface Result {
  readonly work: Work;
  /** `left`: stays parked; `unasked`: its ask has not begun, it comes again. */
  readonly outcome: Outcome | 'duplicate' | 'left' | 'unasked';
  readonly answer?: unknown;
  /** A caller's decision refused: nothing is written for it. */
  readonly error?: unknown;
  /** +1 when a row was parked on its key, -1 when one went away. */
  readonly parkedChange: number;
  readonly retryAt?: number;
  /** Parked because its ask still went on when the batch was made. */
  readonly asking?: boolean;
  /** Dead, and its key waits for a person. */
  readonly held?: true;
}

/** The message is parked in the database, and so are those behind it. */
export const waits = ({ outcome, held }: Result): boolean =>
  outcome === 'parked' || outcome === 'left' || held === true;

/** PostgreSQL's text cannot hold U+0000. */
const storable = (text: string): string => text.replaceAll('\u0000', '\\u0000');
const errorText = (error: unknown): string =>
  storable(error instanceof Error ? error.message : String(error));
const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : 'handler_failed';

/** Decides message by message on a working copy, and gathers the one batch that writes it all. */
export class BatchBuilder {
  readonly results: Result[] = [];
  readonly live: Envelope[] = [];
  private readonly inbox: InboxRow[] = [];
  private readonly outbox: OutboxRow[] = [];
  private readonly park: ParkedRow[] = [];
  private readonly unpark: { group: string; messageId: string }[] = [];
  private readonly bury: DeadRow[] = [];
  private readonly fences = new Map<string, Fence>();
  private readonly failedKeys = new Set<string>();
  /** Keys of which newcomers were parked: those that come after them park too. */
  private readonly waitingKeys = new Set<string>();
  private readonly names = new Set<string>();
  private readonly now: Date;
  private readonly at: string;

  constructor(
    private readonly options: BuilderOptions,
    private readonly copy: WorkingCopy,
  ) {
    this.now = options.clock.now();
    this.at = this.now.toISOString();
  }

  add(work: Work): void {
    work.attemptsBefore ??= work.attempt;
    work.attempt = work.attemptsBefore;
    this.fence(work);
    if (work.seen) this.again(work);
    else if (this.isTwin(work)) this.twin(work);
    else if (this.mustWait(work)) this.wait(work);
    else if (work.refusal !== undefined) this.failed(work, work.refusal);
    else if (work.blame !== undefined) this.failed(work, work.blame);
    else if (work.ask.state === 'failed') this.failed(work, work.ask.error);
    else if (work.ask.state === 'pending') this.parkAsking(work);
    else if (work.ask.state === 'none' && work.handler?.options.ask) this.unasked(work);
    else this.decide(work);
  }

  batch(confirmed: readonly number[]): Batch {
    return {
      ...this.copy.writes(),
      fences: [...this.fences.values()],
      inbox: this.inbox,
      outbox: this.outbox,
      confirmed,
      park: this.park,
      unpark: this.unpark,
      bury: this.bury,
    };
  }

  private fence(work: Work): void {
    if (work.origin.from === 'caller') return;
    if (work.fence) this.fences.set(`${work.group}/${work.shard}`, work.fence);
  }

  /** The same message twice in one batch: the first counts. */
  private isTwin(work: Work): boolean {
    if (!work.envelope) return false;
    const name = `${work.group}/${work.envelope.id}`;
    if (this.names.has(name)) return true;
    this.names.add(name);
    return false;
  }

  private twin(work: Work): void {
    if (work.origin.from === 'caller') this.again(work);
    else this.results.push({ work, outcome: 'duplicate', parkedChange: 0 });
  }

  /** Order per key: behind a message that failed or is parked, the others of its key wait. */
  private mustWait(work: Work): boolean {
    if (work.origin.from === 'caller' || work.envelope === null) return false;
    if (this.failedKeys.has(work.keyId)) return true;
    if (work.origin.from !== 'broker') return false;
    if (work.behind || this.waitingKeys.has(work.keyId)) return true;
    return this.options.parkedOn(work.keyId) > 0;
  }

  private wait(work: Work): void {
    if (work.origin.from === 'parked') {
      this.results.push({ work, outcome: 'left', parkedChange: 0 });
      return;
    }
    this.waitingKeys.add(work.keyId);
    this.parkRow(work, { dueAt: null, reason: 'behind', error: null });
  }

  private unasked(work: Work): void {
    this.failedKeys.add(work.keyId);
    this.names.delete(`${work.group}/${work.envelope?.id}`);
    this.results.push({ work, outcome: 'unasked', parkedChange: 0 });
  }

  private parkAsking(work: Work): void {
    this.failedKeys.add(work.keyId);
    this.parkRow(work, { dueAt: null, reason: 'asking', error: null });
  }

  private parkRow(work: Work, row: Pick<ParkedRow, 'dueAt' | 'reason' | 'error'>): void {
    const envelope = work.envelope as Envelope;
    const { group, shard, channel, body, attempt, firstAt } = work;
    this.park.push({
      group,
      shard,
      channel,
      body,
      attempt,
      firstAt,
      messageId: envelope.id,
      key: envelope.key,
      ...row,
    });
    this.seen(work, 'parked');
    const parkedChange = isCounted(work) ? 0 : 1;
    const retryAt = row.dueAt === null ? undefined : Date.parse(row.dueAt);
    this.results.push({
      work,
      outcome: 'parked',
      parkedChange,
      asking: row.reason === 'asking',
      ...(retryAt === undefined ? {} : { retryAt }),
    });
  }

  private seen(work: Work, outcome: Outcome): void {
    const envelope = work.envelope;
    if (!envelope) return;
    this.inbox.push({
      group: work.group,
      messageId: envelope.id,
      key: envelope.key,
      type: envelope.type,
      source: envelope.source,
      correlationId: envelope.correlationId,
      causationId: envelope.causationId,
      channel: work.channel,
      broker: work.broker,
      attempt: work.attempt,
      outcome,
      at: this.at,
      durationMs: Math.max(0, this.now.getTime() - work.arrivedAt),
      first: work.origin.from !== 'parked',
    });
  }

  private decide(work: Work): void {
    const { handler, envelope } = work;
    if (!handler || !envelope) throw new TypeError('only a readable message can be decided');
    try {
      const answer = work.ask.state === 'answered' ? work.ask.answer : undefined;
      const state = this.home(work);
      this.applied(work, handler.options.decide(state, work.data, this.context(envelope, answer)));
    } catch (error) {
      this.failed(work, error);
    }
  }

  private home(work: Work): object | undefined {
    const { handler, data } = work;
    return handler?.home ? this.copy.read(handler.home.at(handler.options.state(data))) : undefined;
  }

  private context<A>(envelope: Envelope, answer: A) {
    return {
      now: this.now,
      message: envelope,
      answer,
      id: (name: string) => derivedId(envelope.id, name),
      read: <S extends object>(ref: StateRef<S>) => this.copy.read(ref),
    };
  }

  private applied(work: Work, decision: Decision): void {
    const envelope = work.envelope as Envelope;
    const sealed = this.copy.apply(decision.changes ?? [], this.at, envelope.id, () =>
      this.sealed(work, decision.send ?? []),
    );
    this.send(sealed);
    this.seen(work, 'applied');
    this.settle(work, 'applied', decision.answer);
  }

  private settle(work: Work, outcome: Outcome, answer?: unknown): void {
    const parked = work.origin.from === 'parked';
    if (parked && work.envelope)
      this.unpark.push({ group: work.group, messageId: work.envelope.id });
    this.results.push({ work, outcome, answer, parkedChange: isCounted(work) ? -1 : 0 });
  }

  /** The messages of one decision in their envelopes, and the rows of those that are stored. */
  private sealed(work: Work, messages: readonly Message[]): readonly Sealed[] {
    const cause = work.envelope as Envelope;
    const sequence = messages.length > 0 ? this.sequence(work) : null;
    return messages.map((message, index) => {
      const name = `${work.group}/${message.contract.type}/${index}`;
      const { service: source } = this.options;
      const envelope = seal(message, { cause, source, now: this.now, name, sequence });
      if (envelope.kind === 'live') return { envelope, row: null };
      return { envelope, row: this.outboxRow(message.contract, envelope, message.options.after) };
    });
  }

  private send(sealed: readonly Sealed[]): void {
    for (const { envelope, row } of sealed) {
      if (row) this.outbox.push(row);
      else this.live.push(envelope);
    }
  }

  /** What could not be read has no state: its data may be anything. */
  private sequence(work: Work): number | null {
    const { handler, data } = work;
    if (!handler?.home || work.refusal !== undefined) return null;
    return this.copy.version(handler.home.at(handler.options.state(data)));
  }

  private outboxRow(contract: Contract, envelope: Envelope, after: number | undefined): OutboxRow {
    const { broker, lane } = this.options.relay.route(envelope);
    const dueAt = after === undefined ? null : new Date(this.now.getTime() + after).toISOString();
    const channel = channelOf(contract);
    const body = encode(envelope);
    if (Buffer.byteLength(body) > largestMessage) throw new MessageTooLarge(envelope.type);
    return {
      id: envelope.id,
      broker,
      lane,
      channel,
      key: envelope.key,
      dueAt,
      body,
      envelope,
    };
  }

  /** Only for the answer: the message was applied before, and its caller still waits. */
  private again(work: Work): void {
    const { handler, envelope } = work;
    if (!handler || !envelope) throw new TypeError('only a readable message was seen');
    try {
      const context = this.context(envelope, undefined);
      const decision = handler.options.decide(this.home(work), work.data, context);
      this.results.push({ work, outcome: 'duplicate', answer: decision.answer, parkedChange: 0 });
    } catch (error) {
      this.results.push({ work, outcome: 'duplicate', error, parkedChange: 0 });
    }
  }

  private failed(work: Work, error: unknown): void {
    if (work.origin.from === 'caller') {
      this.results.push({ work, outcome: 'discarded', error, parkedChange: 0 });
      return;
    }
    if (countsAsAttempt(error)) work.attempt += 1;
    const retryAt = this.nextAttempt(work, error);
    if (retryAt === null) this.giveUp(work, error);
    else this.parkForRetry(work, error, retryAt);
  }

  private parkForRetry(work: Work, error: unknown, retryAt: number): void {
    this.failedKeys.add(work.keyId);
    const reason = codeOf(error) === 'newer_version' ? 'newer' : 'retry';
    this.parkRow(work, { dueAt: new Date(retryAt).toISOString(), reason, error: errorText(error) });
  }

  /** When the next attempt begins, or null when there is none. */
  private nextAttempt(work: Work, error: unknown): number | null {
    if (!work.envelope || !isRetriable(error)) return null;
    const policy = work.handler?.contract.retry ?? 'unbounded';
    const delay = retryDelay(policy, work.attempt, this.options.random);
    if (delay === null) return null;
    const at = this.now.getTime() + delay;
    const limit = work.handler?.options.giveUpAfter;
    return limit !== undefined && at - Date.parse(work.firstAt) > limit ? null : at;
  }

  private giveUp(work: Work, error: unknown): void {
    const { handler, envelope } = work;
    if (handler?.options.exhausted && envelope && work.refusal === undefined) {
      try {
        const context = { ...this.context(envelope, undefined), error };
        this.applied(work, handler.options.exhausted(this.home(work), work.data, context));
        return;
      } catch (worse) {
        this.dead(work, worse);
        return;
      }
    }
    this.dead(work, error);
  }

  private dead(work: Work, error: unknown): void {
    const { envelope, handler, group, shard, channel, body, firstAt } = work;
    const id = envelope ? derivedId(envelope.id, `dead/${group}/${work.attempt}`) : newId(this.now);
    this.bury.push({
      id,
      group,
      shard,
      channel,
      body: storable(body),
      firstAt,
      at: this.at,
      messageId: envelope?.id ?? null,
      key: envelope?.key ?? null,
      type: envelope?.type ?? null,
      handler: handler ? `${group}:${handler.contract.type}` : null,
      attempts: work.attempt,
      code: codeOf(error),
      error: errorText(error),
      stack: error instanceof Error ? (error.stack ?? null) : null,
    });
    if (envelope) {
      const letter = { id: `${this.options.service}.${id}`, error: errorText(error) };
      this.send(this.sealed(work, stepFailed(envelope, work.data, letter)));
    }
    this.seen(work, 'dead');
    if (handler?.options.holdsKey && envelope) this.hold(work);
    else this.settle(work, 'dead');
  }

  private hold(work: Work): void {
    const envelope = work.envelope as Envelope;
    const { group, shard, channel, body, attempt, firstAt } = work;
    this.failedKeys.add(work.keyId);
    this.park.push({
      group,
      shard,
      channel,
      body,
      attempt,
      firstAt,
      messageId: envelope.id,
      key: envelope.key,
      dueAt: null,
      reason: 'held',
      error: null,
    });
    this.results.push({
      work,
      outcome: 'dead',
      held: true,
      parkedChange: isCounted(work) ? 0 : 1,
    });
  }
}
