import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { Contract, Message } from '@waybill/message';
import { begin, react } from '../react.ts';
import { isNeeded, type Saga } from '../saga.ts';
import type { SagaDecision, SagaInput, SagaRefusal } from '../saga-decision.ts';

/** What a spec may pass to a saga: a reply as a message, or any other input of the engine. */
export type SagaSpecInput = Message | SagaInput;

/** What a spec may assert about the last decision; each assertion returns the next, so they chain. */
export interface SagaClaims<D> {
  readonly decision: SagaDecision<D>;
  thenSends(...messages: readonly Message[]): SagaClaims<D>;
  thenNothing(): SagaClaims<D>;
  thenWaitsAt(step: string): SagaClaims<D>;
  thenCompletes(): SagaClaims<D>;
  thenAborts(reason: string): SagaClaims<D>;
  thenIsStuck(): SagaClaims<D>;
  thenRefuses(code: SagaRefusal['code']): SagaClaims<D>;
}

export interface SagaSpec<D> {
  /** After the success of every step before that one. */
  at(step: string): SagaSpec<D>;
  /** Inputs that the saga has already received. */
  given(...inputs: readonly SagaSpecInput[]): SagaSpec<D>;
  /** The input under test; without one, the beginning of the saga. */
  when(input?: SagaSpecInput): SagaClaims<D>;
}

const start = new Date('2026-01-01T12:00:00.000Z');

/**
 * Tests a saga without a broker: `sagaSpec(saga, data).given(reserved).when(declined).thenSends(…)`. `reply` makes the replies of
 * the steps before the step that a spec is `at`.
 */
export function sagaSpec<D extends object>(
  saga: Saga<D>,
  data: D,
  reply: (contract: Contract) => Message = noReply,
): SagaSpec<D> {
  const after = (inputs: readonly SagaSpecInput[]): SagaSpec<D> => ({
    at: (name) => after([...inputs, ...repliesBefore(saga, data, name).map(reply)]),
    given: (...more) => after([...inputs, ...more]),
    when: (input) => claims(run(saga, data, input === undefined ? inputs : [...inputs, input])),
  });
  return after([]);
}

function repliesBefore<D>({ steps }: Saga<D>, data: D, name: string): readonly Contract[] {
  const index = steps.findIndex((step) => step.name === name);
  if (index < 0) throw new TypeError(`there is no step ${name}`);
  const before = steps.slice(0, index).filter((step) => isNeeded(step, data));
  return before.flatMap(({ succeedsOn }) => succeedsOn ?? []);
}

function noReply({ type }: Contract): never {
  throw new TypeError(`give sagaSpec a function that makes ${type}`);
}

function run<D extends object>(
  saga: Saga<D>,
  data: D,
  inputs: readonly SagaSpecInput[],
): SagaDecision<D> {
  let decision = begin(saga, data, { now: start });
  for (const [index, input] of inputs.entries()) {
    const now = new Date(start.getTime() + (index + 1) * 1_000);
    decision = react(saga, decision.state, inputOf(input), { now });
  }
  return decision;
}

const inputOf = (input: SagaSpecInput): SagaInput =>
  'contract' in input ? { type: input.contract.type, data: input.data } : input;

function claims<D>(decision: SagaDecision<D>): SagaClaims<D> {
  const { state } = decision;
  const claim = (check: () => void): SagaClaims<D> => {
    check();
    return made;
  };
  const made: SagaClaims<D> = {
    decision,
    thenSends: (...messages) =>
      claim(() => deepStrictEqual(decision.send.map(plain), messages.map(plain))),
    thenNothing: () => claim(() => deepStrictEqual(decision.send.map(plain), [])),
    thenWaitsAt: (step) =>
      claim(() => deepStrictEqual([state.step, decision.outcome], [step, undefined])),
    thenCompletes: () => claim(() => strictEqual(decision.outcome, 'completed')),
    thenAborts: (reason) =>
      claim(() => deepStrictEqual([decision.outcome, state.reason], ['aborted', reason])),
    thenIsStuck: () => claim(() => ok(state.stuck, `${state.id} is not stuck`)),
    thenRefuses: (code) => claim(() => strictEqual(decision.refused?.code, code)),
  };
  return made;
}

const plain = (message: Message): object => ({
  type: message.contract.type,
  data: message.data,
});
