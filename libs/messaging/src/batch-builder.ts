import { derivedId, type Envelope, type Message } from '@waybill/message';
import type { Clock } from './clock.ts';
import { EnvelopeWrapper, type WrappedMessage } from './envelope-wrapper.ts';
import { countsAsAttempt, type DeadLetterHook, type Decision } from './handler.ts';
import type { BatchTurns } from './key-queue.ts';
import type { StateRef } from './state.ts';
import type {
  Batch,
  DeadRow,
  DeferredRow,
  Fence,
  InboxRow,
  OutboxRow,
  Outcome,
  Relay,
} from './store.ts';
import { isTransacted, type Transacted } from './transactional.ts';
import type { Result, Work } from './work.ts';
import {
  causeOf,
  codeOf,
  deadRow,
  deferredRow,
  errorText,
  type HowDeferred,
  inboxRow,
  nextAttempt,
  notesOf,
} from './work-rows.ts';
import type { WorkingCopy } from './working-copy.ts';

export interface BuilderOptions {
  readonly service: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly relay: Pick<Relay, 'route'>;
  readonly deadLetterHooks?: readonly DeadLetterHook[];
}

/** Whether its key counts the message. Redriven rows are inserted outside the consumer, so the count excludes them. */
const isCounted = (work: Work): boolean =>
  work.origin.from === 'parked' && work.origin.row.reason !== 'redriven';

/** Decides message by message on a working copy, and collects one batch that writes everything. */
export class BatchBuilder {
  readonly results: Result[] = [];
  readonly live: Envelope[] = [];
  private readonly inbox: InboxRow[] = [];
  private readonly outbox: OutboxRow[] = [];
  private readonly defer: DeferredRow[] = [];
  private readonly undefer: { group: string; messageId: string }[] = [];
  private readonly deadLetter: DeadRow[] = [];
  private readonly fences = new Map<string, Fence>();
  private readonly names = new Set<string>();
  private readonly wrapper: EnvelopeWrapper;
  private readonly now: Date;
  private readonly at: string;

  constructor(
    private readonly options: BuilderOptions,
    private readonly copy: WorkingCopy,
    private readonly turns: BatchTurns,
  ) {
    this.now = options.clock.now();
    this.wrapper = new EnvelopeWrapper(options);
    this.at = this.now.toISOString();
  }

  add(work: Work): void {
    work.attemptsBefore ??= work.attempt;
    work.attempt = work.attemptsBefore;
    this.fence(work);
    if (work.seen) this.again(work);
    else if (this.isDuplicate(work)) this.duplicate(work);
    else if (this.turns.mustStay(work)) this.wait(work);
    else if (work.refusal !== undefined) this.failed(work, work.refusal);
    else if (work.blame !== undefined) this.failed(work, work.blame);
    else if (work.call.state === 'failed') this.failed(work, work.call.error);
    else if (work.call.state === 'pending') this.deferPending(work);
    else if (work.call.state === 'none' && work.handler?.options.call) this.notCalledYet(work);
    else this.decide(work);
  }

  batch(confirmed: Batch['confirmed']): Batch {
    return {
      ...this.copy.writes(),
      fences: [...this.fences.values()],
      inbox: this.inbox,
      outbox: this.outbox,
      confirmed,
      defer: this.defer,
      undefer: this.undefer,
      deadLetter: this.deadLetter,
    };
  }

  private fence(work: Work): void {
    if (work.origin.from === 'caller') return;
    if (work.fence) this.fences.set(`${work.group}/${work.partition}`, { ...work.fence });
  }

  /** A duplicate within the batch: the first message counts. */
  private isDuplicate(work: Work): boolean {
    if (!work.envelope) return false;
    const name = `${work.group}/${work.envelope.id}`;
    if (this.names.has(name)) return true;
    this.names.add(name);
    return false;
  }

  private duplicate(work: Work): void {
    if (work.origin.from === 'caller') this.again(work);
    else this.results.push({ work, outcome: 'duplicate', deferredChange: 0 });
  }

  private wait(work: Work): void {
    // The answer of one with an answered call ends with this batch, so it is taken again in its turn, and calls again.
    if (work.origin.from === 'parked' && work.origin.row.reason !== 'asking') {
      this.results.push({ work, outcome: 'left', deferredChange: 0 });
      return;
    }
    this.turns.staysBehind(work);
    this.deferRow(work, { dueAt: null, reason: 'behind', error: null });
  }

  private notCalledYet(work: Work): void {
    this.turns.stays(work);
    this.names.delete(`${work.group}/${work.envelope?.id}`);
    this.results.push({ work, outcome: 'unasked', deferredChange: 0 });
  }

  private deferPending(work: Work): void {
    this.turns.stays(work);
    this.deferRow(work, { dueAt: null, reason: 'asking', error: null });
  }

  private deferRow(work: Work, how: HowDeferred): void {
    this.defer.push(deferredRow(work, how));
    this.seen(work, 'parked');
    this.results.push({
      work,
      outcome: 'parked',
      deferredChange: isCounted(work) ? 0 : 1,
      calling: how.reason === 'asking',
      ...(how.dueAt === null ? {} : { retryAt: Date.parse(how.dueAt) }),
    });
  }

  private seen(work: Work, outcome: Outcome, notes?: readonly unknown[]): void {
    const { now, at } = this;
    if (work.envelope) this.inbox.push(inboxRow(work, work.envelope, { outcome, now, at, notes }));
  }

  private decide(work: Work): void {
    const { handler, envelope } = work;
    if (!handler || !envelope) throw new TypeError('only a readable message can be decided');
    if (isTransacted(work.call)) return void this.transacted(work, work.call.answer);
    try {
      const answer = work.call.state === 'answered' ? work.call.answer : undefined;
      const state = this.home(work);
      this.applied(work, handler.options.decide(state, work.data, this.context(envelope, answer)));
    } catch (error) {
      this.failed(work, error);
    }
  }

  /** Its own transaction has written the inbox row and removed the deferred row. */
  private transacted(work: Work, { outcome, answer }: Transacted): void {
    const deferredChange = outcome === 'applied' && isCounted(work) ? -1 : 0;
    this.results.push({ work, outcome, answer, deferredChange });
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
    const { changes = [], send = [] } = decision;
    const moment = { at: this.at, messageId: envelope.id, speaks: send.length > 0 };
    const wrapped = this.copy.apply(changes, moment, () => this.wrapped(work, send));
    this.send(wrapped);
    this.seen(work, 'applied', notesOf(work, decision));
    this.settle(work, 'applied', decision);
  }

  private settle(work: Work, outcome: Outcome, { answer, ended, late }: Decision = {}): void {
    if (work.origin.from === 'parked' && work.envelope)
      this.undefer.push({ group: work.group, messageId: work.envelope.id });
    const deferredChange = isCounted(work) ? -1 : 0;
    this.results.push({ work, outcome, answer, ended, late, deferredChange });
  }

  private wrapped(work: Work, messages: readonly Message[]): readonly WrappedMessage[] {
    const sequence = messages.length > 0 ? this.sequence(work) : null;
    const cause = causeOf(work);
    return this.wrapper.wrap(messages, { cause, group: work.group, now: this.now, sequence });
  }

  private send(wrapped: readonly WrappedMessage[]): void {
    for (const { envelope, row } of wrapped) {
      if (row) this.outbox.push(row);
      else this.live.push(envelope);
    }
  }

  /** A message that could not be read has no state, because its data may be anything. */
  private sequence(work: Work): number | null {
    const { handler, data } = work;
    if (!handler?.home || work.refusal !== undefined) return null;
    return this.copy.version(handler.home.at(handler.options.state(data)));
  }

  /** Only for the answer: the message was applied before, and its caller still waits. */
  private again(work: Work): void {
    const { handler, envelope } = work;
    if (!handler || !envelope) throw new TypeError('only a readable message was seen');
    try {
      const context = this.context(envelope, undefined);
      const decision = handler.options.decide(this.home(work), work.data, context);
      this.results.push({ work, outcome: 'duplicate', answer: decision.answer, deferredChange: 0 });
    } catch (error) {
      this.results.push({ work, outcome: 'duplicate', error, deferredChange: 0 });
    }
  }

  private failed(work: Work, error: unknown): void {
    work.failure = error;
    if (work.origin.from === 'caller') {
      this.results.push({ work, outcome: 'discarded', error, deferredChange: 0 });
      return;
    }
    if (countsAsAttempt(error)) work.attempt += 1;
    const retryAt = nextAttempt(work, error, this.now.getTime(), this.options.random);
    if (retryAt === null) this.giveUp(work, error);
    else this.deferForRetry(work, error, retryAt);
  }

  private deferForRetry(work: Work, error: unknown, retryAt: number): void {
    this.turns.stays(work);
    const reason = codeOf(error) === 'newer_version' ? 'newer' : 'retry';
    this.deferRow(work, {
      dueAt: new Date(retryAt).toISOString(),
      reason,
      error: errorText(error),
    });
  }

  private giveUp(work: Work, error: unknown): void {
    const { handler, envelope } = work;
    if (handler?.options.onRetriesExhausted && envelope && work.refusal === undefined) {
      try {
        const context = { ...this.context(envelope, undefined), error };
        this.applied(work, handler.options.onRetriesExhausted(this.home(work), work.data, context));
        return;
      } catch (worse) {
        this.dead(work, worse);
        return;
      }
    }
    this.dead(work, error);
  }

  private dead(work: Work, error: unknown): void {
    const { envelope, handler } = work;
    const row = deadRow(work, error, this.now);
    this.deadLetter.push(row);
    if (envelope) {
      const letter = { id: `${this.options.service}.${row.id}`, error: row.error };
      const { deadLetterHooks = [] } = this.options;
      const news = deadLetterHooks.flatMap((hook) => hook.onDeadLetter(envelope, letter));
      this.send(this.wrapped(work, news));
    }
    this.seen(work, 'dead');
    if (handler?.options.holdsKey && envelope) this.hold(work);
    else this.settle(work, 'dead');
  }

  private hold(work: Work): void {
    this.turns.stays(work);
    this.defer.push(deferredRow(work, { dueAt: null, reason: 'held', error: null }));
    this.results.push({
      work,
      outcome: 'dead',
      held: true,
      deferredChange: isCounted(work) ? 0 : 1,
    });
  }
}
