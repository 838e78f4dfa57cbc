import type { Contract, Envelope, Message } from '@waybill/message';
import type { Change, StateRef, StateTable } from './state.ts';

/** What a handler wants: states and entries to write, messages to send, and the answer for a caller that waits. */
export interface Decision {
  readonly changes?: readonly Change[];
  readonly send?: readonly Message[];
  /** What it did, as JSON: kept with the message in the journey of its key, for people. */
  readonly notes?: readonly unknown[];
  /** For local messages: what `submit` resolves with, after the commit. */
  readonly answer?: unknown;
}

export interface DecideContext<A> {
  /** What `ask` brought; `undefined` without an ask. */
  readonly answer: A;
  readonly now: Date;
  readonly message: Envelope;
  /** An identifier derived from the message, so that deciding again names things again. */
  id(name: string): string;
  /** Another state that `also` named, with the effects of earlier messages of the batch. */
  read<S extends object>(ref: StateRef<S>): S | undefined;
}

export interface AskContext {
  readonly message: Envelope;
  read<S extends object>(ref: StateRef<S>): S | undefined;
}

/** Only messages whose attributes match are delivered: each named attribute must have one of the values. */
export type Filter = Readonly<Record<string, readonly string[]>>;

export interface HandlerOptions<D, S extends object, A> {
  /** The subscription whose progress and retries this handler shares; default: the name of the service. */
  readonly group?: string;
  readonly filter?: Filter;
  /** The id of the handler's own state. */
  readonly state: (data: D) => string;
  /** The message is the first of its state as a rule, so the state is not read unless the commit finds one. */
  readonly begins?: boolean;
  /** Other states that it reads or changes. */
  readonly also?: (data: D) => readonly StateRef[];
  /**
   * Calls to the outside, before the decision and outside any transaction. May run more than once for one
   * message, so the outside must know the operation by a key of its own.
   */
  readonly ask?: (state: S | undefined, data: D, context: AskContext) => Promise<A>;
  /** Pure: the same state, message and answer give the same decision. */
  readonly decide: (state: S | undefined, data: D, context: DecideContext<A>) => Decision;
  /** A decision in place of a dead letter when the attempts are used up. */
  readonly exhausted?: (
    state: S | undefined,
    data: D,
    context: DecideContext<undefined> & { error: unknown },
  ) => Decision;
  /** Milliseconds after first sight when no further attempt begins, whatever the schedule says. */
  readonly giveUpAfter?: number;
  /** After a dead letter, hold the messages of its key until it is redriven or discarded. Default: the key goes on. */
  readonly holdsKey?: boolean;
}

/** A handler as the consumer sees it. Made by `on`. */
export interface Handler {
  readonly contract: Contract;
  readonly home: StateTable | null;
  readonly options: HandlerOptions<unknown, object, unknown>;
  /** Present on transactional handlers: runs in a transaction of the storage. */
  readonly run?: (data: unknown, transaction: unknown, message: Envelope) => Promise<unknown>;
}

/** Says what a service does on one message. The contract and the state give every type. */
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

/** Bulk work: gets what has gathered for `linger` milliseconds (at most `size`), and says for each how it went. */
export interface Sink {
  readonly contract: Contract;
  readonly group: string;
  readonly linger: number;
  readonly size: number;
  readonly write: (batch: readonly Envelope[]) => Promise<readonly SinkResult[]>;
}

export type SinkResult = { readonly id: string; readonly error?: unknown };

/** Declares a sink; at least once, so `write` must be safe to repeat by message id. */
export const sink = <D>(
  contract: Contract<D>,
  options: { group: string; linger?: number; size?: number; write: Sink['write'] },
): Sink => ({
  contract: contract as Contract,
  group: options.group,
  linger: options.linger ?? 200,
  size: options.size ?? 500,
  write: options.write,
});

/** Answers a request: nothing is stored. */
export interface Responder {
  readonly request: Contract;
  readonly answer: (data: unknown) => Promise<unknown>;
}

/** Declares who answers a request. */
export const answers = <D, R>(
  contract: Contract<D>,
  answer: (data: D) => Promise<R>,
): Responder => ({
  request: contract as Contract,
  answer: answer as Responder['answer'],
});

/** Returns messages to send in the commit that makes a message a dead letter. */
export interface DeadLetterHook {
  /** Pure, and must not throw: the message is a dead letter already. */
  readonly onDeadLetter: (envelope: Envelope, letter: DeadLetterNews) => readonly Message[];
}

/** A dead letter as its hooks see it. */
export interface DeadLetterNews {
  /** `<service>.<id>`, as operators name it. */
  readonly id: string;
  readonly error: string;
}

/** Declares a hook; a method marked by `@Handles()` returns it. */
export const onDeadLetter = (hook: DeadLetterHook['onDeadLetter']): DeadLetterHook => ({
  onDeadLetter: hook,
});

/** Errors say whether a retry can help, by a field, so that it survives processes and realms. */
export const isRetriable = (error: unknown): boolean =>
  !(
    typeof error === 'object' &&
    error !== null &&
    'retriable' in error &&
    error.retriable === false
  );

/** An error that says nothing about its message (an open breaker, a missing broker): waits, and counts no attempt. */
export const countsAsAttempt = (error: unknown): boolean =>
  !(
    typeof error === 'object' &&
    error !== null &&
    'countsAsAttempt' in error &&
    error.countsAsAttempt === false
  );
