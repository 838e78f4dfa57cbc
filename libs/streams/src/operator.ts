/** What an operator makes of an event: the next state of the key, and its outputs in order. */
export interface Step<S, O> {
  readonly state: S;
  readonly outputs: readonly O[];
}

/** Pure: the same state and event give the same step. The state is `undefined` before the first event of a key, and can be stored as JSON. */
export type Operator<S, E, O> = (state: S | undefined, event: E) => Step<S, O>;

/** An operator without a state: any number of outputs for an event. */
export type Transform<E, O> = (event: E) => readonly O[];

/** Lets the events pass for which `test` is true. */
export const filter =
  <E>(test: (event: E) => boolean): Transform<E, E> =>
  (event) =>
    test(event) ? [event] : [];

/** Turns each event into another one. */
export const map =
  <E, O>(change: (event: E) => O): Transform<E, O> =>
  (event) => [change(event)];

/** The outputs of `first` are the events of `second`. */
export const chain =
  <E, M, O>(first: Transform<E, M>, second: Transform<M, O>): Transform<E, O> =>
  (event) =>
    first(event).flatMap(second);

/** Counts the events of each key: an event comes out with its number, beginning with 1. */
export const count =
  <E>(): Operator<number, E, { readonly event: E; readonly number: number }> =>
  (state = 0, event) => ({ state: state + 1, outputs: [{ event, number: state + 1 }] });
