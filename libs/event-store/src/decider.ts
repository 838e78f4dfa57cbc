import type { StreamEvent } from '@waybill/messaging';

/** A domain in three pure parts: its initial state, the events of a command, and the effect of an event. */
export interface Decider<S, C, E extends StreamEvent> {
  readonly initial: S;
  readonly decide: (state: S, command: C) => readonly E[];
  readonly evolve: (state: S, event: E) => S;
}

/** The state after `events`. */
export const fold = <S, E extends StreamEvent>(
  decider: Pick<Decider<S, never, E>, 'initial' | 'evolve'>,
  events: readonly E[],
): S => events.reduce(decider.evolve, decider.initial);
