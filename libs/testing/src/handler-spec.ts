import { deepStrictEqual, throws } from 'node:assert/strict';
import { derivedId, type Envelope, type Message, newId, wrap } from '@waybill/contracts';
import {
  type Change,
  type DecideContext,
  type Decision,
  type Handler,
  refName,
  type StateRef,
} from '@waybill/messaging';
import type { EntityStates } from '@waybill/persistence';

export interface HandlerCase {
  /** The result of the external `call`. */
  readonly answer?: unknown;
  readonly now?: Date | string;
  /** The retries are used up: `onRetriesExhausted` decides, with this error. */
  readonly exhaustedBy?: unknown;
  /** The id of the message; derived ids follow from it. */
  readonly messageId?: string;
}

/** What a spec may assert about a decision; each assertion returns the next, so they chain. */
export interface HandlerClaims {
  readonly decision: Decision;
  thenChanges(...changes: readonly Change[]): HandlerClaims;
  thenSends(...messages: readonly Message[]): HandlerClaims;
  thenAnswers(answer: unknown): HandlerClaims;
  thenNothing(): HandlerClaims;
}

export interface HandlerSpec {
  /** The handler's own state, and others that it reads, as the changes that wrote them. */
  given(state: object | undefined, ...others: readonly Change[]): HandlerSpec;
  when(data: object, options?: HandlerCase): HandlerClaims;
  /** The message fails with an error of these fields, or of this class. */
  whenRefused(data: object, error: object | RegExp, options?: HandlerCase): void;
}

const defaultNow = '2026-01-01T12:00:00.000Z';

/** Tests a handler without a broker or a database: `handlerSpec(handler).given(state).when(data).thenSends(…)`. */
export function handlerSpec(handler: Handler): HandlerSpec {
  const withStates = (
    state: object | undefined,
    others: ReadonlyMap<string, object>,
  ): HandlerSpec => ({
    given: (next, ...more) => withStates(next, new Map([...others, ...more.map(stateOf)])),
    when: (data, options = {}) => claims(decide(handler, state, others, data, options)),
    whenRefused: (data, error, options = {}) =>
      throws(() => decide(handler, state, others, data, options), error as RegExp),
  });
  return withStates(undefined, new Map());
}

function stateOf(change: Change): [string, object] {
  if (change.kind !== 'put') throw new TypeError('give other states as puts');
  return [refName(change.ref), change.value];
}

function decide(
  handler: Handler,
  state: object | undefined,
  others: ReadonlyMap<string, object>,
  data: object,
  options: HandlerCase,
): Decision {
  const message = envelopeOf(handler, data, options);
  const own = ownState(handler, message);
  const context: DecideContext<undefined> = {
    answer: options.answer as undefined,
    now: new Date(options.now ?? defaultNow),
    message,
    id: (name) => derivedId(message.id, name),
    read: <S extends object>(ref: StateRef<S>) => {
      const name = refName(ref as unknown as StateRef);
      return (own && name === refName(own) ? state : others.get(name)) as S | undefined;
    },
  };
  if (!('exhaustedBy' in options)) return handler.options.decide(state, message.data, context);
  if (!handler.options.onRetriesExhausted)
    throw new TypeError(`${message.type} has no onRetriesExhausted`);
  return handler.options.onRetriesExhausted(state, message.data, {
    ...context,
    error: options.exhaustedBy,
  });
}

/** Throws where PostgreSQL would refuse to look for the state, so that no such handler passes its spec. */
function ownState({ home, options }: Handler, { type, data }: Envelope): StateRef | undefined {
  const id = options.state(data);
  const key = (home as Partial<EntityStates> | null)?.id;
  if (key?.type === 'uuid' && !uuid.test(id))
    throw new TypeError(`${type}: the ids of ${home?.table} are uuids, not "${id}"`);
  return home?.at(id);
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function envelopeOf(handler: Handler, data: object, options: HandlerCase): Envelope {
  const id = options.messageId ?? newId();
  const cause = { id, correlationId: id, traceparent: null };
  const now = new Date(options.now ?? defaultNow);
  const message = handler.contract(data);
  return { ...wrap(message, { cause, source: 'spec', now, name: 'spec' }), id };
}

function claims(decision: Decision): HandlerClaims {
  const made: HandlerClaims = {
    decision,
    thenChanges: (...changes) => claim(decision.changes?.map(plain), changes.map(plain)),
    thenSends: (...messages) => claim(decision.send?.map(plainMessage), messages.map(plainMessage)),
    thenAnswers: (answer) => claim([decision.answer], [answer]),
    thenNothing: () => claim([...(decision.changes ?? []), ...(decision.send ?? [])], []),
  };
  function claim(found: unknown[] | undefined, expected: unknown[]): HandlerClaims {
    deepStrictEqual(found ?? [], expected);
    return made;
  }
  return made;
}

function plain(change: Change): object {
  if (change.kind === 'entry') return { table: change.table.table, row: change.row };
  const state = refName(change.ref);
  return change.kind === 'put' ? { state, value: change.value } : { state, events: change.events };
}

const plainMessage = ({ contract, data, options }: Message): object => ({
  type: contract.type,
  data,
  options,
});
