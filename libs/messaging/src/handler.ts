import type { Contract, Envelope, Message } from '@waybill/message';
import type { Change, StateRef, StateTable } from './state.ts';

/** What a handler decides: states and entries to write, messages to publish, and the answer for a waiting caller. */
export interface Decision {
  readonly changes?: readonly Change[];
  readonly send?: readonly Message[];
  /** What the handler did, as JSON: stored with the message in the journey of its key, for people. */
  readonly notes?: readonly unknown[];
  /** What began earlier and ends with this message, such as a step of a process; it is recorded below the span of the message. */
  readonly ended?: readonly Ended[];
  /** The message came too late to have an effect; it is counted. */
  readonly late?: boolean;
  /** For local messages: the value that `submit` resolves with, after the commit. */
  readonly answer?: unknown;
}

/** Something that took from `since` until now. */
export interface Ended {
  readonly name: string;
  /** RFC 3339. */
  readonly since: string;
}

/** What a decision may read besides its state and data. */
export interface DecideContext<A> {
  /** The result of `call`; `undefined` without one. */
  readonly answer: A;
  readonly now: Date;
  readonly message: Envelope;
  /** An identifier derived from the message: deciding again gives the same one. */
  id(name: string): string;
  /** Another state that `also` named, including the effects of earlier messages of the batch. */
  read<S extends object>(ref: StateRef<S>): S | undefined;
}

export interface CallContext {
  readonly message: Envelope;
  read<S extends object>(ref: StateRef<S>): S | undefined;
}

/** Only messages whose attributes match are delivered: each named attribute must have one of the values. */
export type Filter = Readonly<Record<string, readonly string[]>>;

/** How a handler processes the messages of its contract. */
export interface HandlerOptions<D, S extends object, A> {
  /** The consumer group, whose progress and retries this handler shares; default: the name of the service. */
  readonly group?: string;
  readonly filter?: Filter;
  /** The id of the handler's own state. */
  readonly state: (data: D) => string;
  /** The message usually creates its state, so the state is not read unless the commit finds a row. */
  readonly begins?: boolean;
  /** Other states that the handler reads or changes. */
  readonly also?: (data: D) => readonly StateRef[];
  /** External calls, outside any transaction. May run more than once for a message, so they need an idempotency key. */
  readonly call?: (state: S | undefined, data: D, context: CallContext) => Promise<A>;
  /** Pure: the same state, message and answer give the same decision. */
  readonly decide: (state: S | undefined, data: D, context: DecideContext<A>) => Decision;
  /** Decides instead of a dead letter when no retry is left or the error is not retriable. */
  readonly onRetriesExhausted?: (
    state: S | undefined,
    data: D,
    context: DecideContext<undefined> & { error: unknown },
  ) => Decision;
  /**
   * The most messages of its group that a process takes at once, so that a busy one leaves the rest to others and urgent ones
   * overtake what waits: a message keeps its place at the broker for as long as its `call` takes. Default: that of the broker.
   */
  readonly prefetch?: number;
  /** Milliseconds after first receipt beyond which no attempt begins, whatever the retry schedule. */
  readonly giveUpAfter?: number;
  /** After a dead letter, block the messages of its key until it is redriven or discarded. Default: the key continues. */
  readonly holdsKey?: boolean;
}

/** A handler as the consumer sees it. Made by `on`, or by `@Handles` with a contract. */
export interface Handler {
  readonly contract: Contract;
  readonly home: StateTable | null;
  readonly options: HandlerOptions<unknown, object, unknown>;
  /** Only on transactional handlers: runs in a transaction of the storage. */
  readonly run?: (data: unknown, transaction: unknown, message: Envelope) => Promise<unknown>;
}

/** Declares what a service does with messages of one contract. The contract and the state give every type. */
export function on<D, S extends object, A = undefined>(
  contract: Contract<D>,
  home: StateTable<S>,
  options: HandlerOptions<D, S, A>,
): Handler {
  return {
    contract: contract as Contract,
    home: home as unknown as StateTable,
    options: options as unknown as Handler['options'],
  };
}

/** A batch consumer: receives what has gathered for `linger` milliseconds (at most `size`), and returns a result per message. */
export interface BatchConsumer {
  readonly contract: Contract;
  readonly group: string;
  readonly linger: number;
  readonly size: number;
  readonly write: (batch: readonly Envelope[]) => Promise<readonly BatchConsumerResult[]>;
}

/** The result of one message of a batch; without an error it is written. */
export type BatchConsumerResult = { readonly id: string; readonly error?: unknown };

/** Declares a batch consumer; defaults: `linger` 200, `size` 500. At least once, so `write` must be idempotent by message id. */
export const batchConsumer = <D>(
  contract: Contract<D>,
  options: { group: string; linger?: number; size?: number; write: BatchConsumer['write'] },
): BatchConsumer => ({
  contract: contract as Contract,
  group: options.group,
  linger: options.linger ?? 200,
  size: options.size ?? 500,
  write: options.write,
});

/** Answers a request; nothing is stored. */
export interface Responder {
  readonly request: Contract;
  readonly answer: (data: unknown) => Promise<unknown>;
  /** Answers only requests that are sent to this name. */
  readonly name?: string;
}

/** Declares the responder of a request. With `name` it is one of several, each with a queue of its own, for `gather`. */
export const answers = <D, R>(
  contract: Contract<D>,
  answer: (data: D) => Promise<R>,
  options: { readonly name?: string } = {},
): Responder => ({
  request: contract as Contract,
  answer: answer as Responder['answer'],
  ...options,
});

/** Returns messages to publish in the commit that dead-letters a message. */
export interface DeadLetterHook {
  /** Must be pure and must not throw, because the message is a dead letter already. */
  readonly onDeadLetter: (envelope: Envelope, letter: DeadLetterNews) => readonly Message[];
}

/** A dead letter as its hooks receive it. */
export interface DeadLetterNews {
  /** `<service>.<id>`, the id that operators use. */
  readonly id: string;
  readonly error: string;
}

/** Declares a hook; return it from a method marked with `@Handles()`. */
export const onDeadLetter = (hook: DeadLetterHook['onDeadLetter']): DeadLetterHook => ({
  onDeadLetter: hook,
});

/** False if a retry cannot succeed. Errors declare it in a field, because a field survives processes and realms. */
export const isRetriable = (error: unknown): boolean =>
  !(
    typeof error === 'object' &&
    error !== null &&
    'retriable' in error &&
    error.retriable === false
  );

/** False for an error that is not about its message (an open breaker, a missing broker): the retry counts no attempt. */
export const countsAsAttempt = (error: unknown): boolean =>
  !(
    typeof error === 'object' &&
    error !== null &&
    'countsAsAttempt' in error &&
    error.countsAsAttempt === false
  );

/** Faults that operators inject into the handlers of groups. */
export interface InjectedFaults {
  readonly isAnyOn: boolean;
  isOn(group: string): boolean;
  /** Resolves after the latency of the group; rejects if this attempt is to fail. */
  pass(group: string): Promise<void>;
}
