import { deepStrictEqual, throws } from 'node:assert/strict';
import { type Decider, fold } from '@waybill/event-store';
import type { StreamEvent } from '@waybill/messaging';

export interface DeciderClaims<S, E> {
  readonly events: readonly E[];
  /** Includes the state after the new events. */
  readonly state: S;
  thenEvents(...events: readonly E[]): DeciderClaims<S, E>;
  thenNothing(): DeciderClaims<S, E>;
}

export interface DeciderSpec<S, C, E> {
  given(...events: readonly E[]): DeciderSpec<S, C, E>;
  when(command: C): DeciderClaims<S, E>;
  /** The command is refused with an error of these fields, or of this class. */
  whenRefused(command: C, error: object | RegExp): void;
}

/** Tests a decider: `deciderSpec(order).given(placed).when(confirm).thenEvents(confirmed)`. */
export function deciderSpec<S, C, E extends StreamEvent>(
  decider: Decider<S, C, E>,
): DeciderSpec<S, C, E> {
  const after = (history: readonly E[]): DeciderSpec<S, C, E> => ({
    given: (...events) => after([...history, ...events]),
    when: (command) => {
      const events = decider.decide(fold(decider, history), command);
      return claims(events, fold(decider, [...history, ...events]));
    },
    whenRefused: (command, error) =>
      throws(() => decider.decide(fold(decider, history), command), error as RegExp),
  });
  return after([]);
}

function claims<S, E>(events: readonly E[], state: S): DeciderClaims<S, E> {
  const made: DeciderClaims<S, E> = {
    events,
    state,
    thenEvents(...expected) {
      deepStrictEqual(events, expected);
      return made;
    },
    thenNothing() {
      deepStrictEqual(events, []);
      return made;
    },
  };
  return made;
}
