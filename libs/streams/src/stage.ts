import type { Contract, Message } from '@waybill/message';
import {
  type DecideContext,
  type Handler,
  on,
  type StateRef,
  type StateTable,
} from '@waybill/messaging';
import type { Operator, Step } from './operator.ts';

/** The row of a key. */
export interface KeyedState<S> {
  readonly id: string;
  /** Null: the stage begins again, and has had no event of the key. */
  readonly state: S | null;
  /** A timer is set. */
  readonly waiting: boolean;
  /** When it last changed, by the clock: rows of keys without events are deleted by it. */
  readonly at: string;
}

/** The row of an event that was processed. */
export interface Seen {
  readonly id: string;
  readonly at: string;
}

/** Calls `flush` for a key some time after its first change. */
export interface Timer<S, O> {
  /** The message that wakes the key: an event of the service itself that only this stage subscribes to. */
  readonly contract: Contract<{ readonly key: string }>;
  /** Milliseconds. */
  readonly after: number;
  readonly hasChanged: (state: S) => boolean;
  readonly flush: (state: S) => Step<S, O>;
}

/** Declares the timer of a stage. */
export const timer = <S, O>(
  contract: Timer<S, O>['contract'],
  options: Omit<Timer<S, O>, 'contract'>,
): Timer<S, O> => ({ contract, ...options });

/** A stage of a pipeline: a consumer group, an operator, and a table with the state of each key. */
export interface StageOptions<S, E, O> {
  readonly group: string;
  readonly process: Operator<S, E, O>;
  /** The messages that publish the outputs of a message. */
  readonly publish: (outputs: readonly O[], key: string) => readonly Message[];
  readonly timer?: Timer<S, O>;
  /** How many events of a key were too late to count. Absent: no event is too late. */
  readonly late?: (state: S) => number;
}

/** How a stage reads the messages of a contract. */
export interface Source<D, E> {
  readonly key: (data: D) => string;
  /** The event in the message, joined with rows of `tables`; `undefined` for a message without an event. */
  readonly event: (data: D, context: Pick<DecideContext<undefined>, 'read'>) => E | undefined;
  /** Rows that the event is joined with. They are read together with the states of the batch. */
  readonly tables?: (data: D) => readonly StateRef[];
  /** An event whose id has a row in the table has no effect. Without it, each message is an event. */
  readonly once?: { readonly table: StateTable<Seen>; readonly id: (data: D) => string };
}

/** The handlers of a stage. */
export interface Stage<E> {
  /** Processes the messages of a contract. */
  from<D>(contract: Contract<D>, source: Source<D, E>): Handler;
  /** Processes the timers; only of a stage that has one. */
  timers(): Handler;
}

/**
 * Runs an operator on messages. A batch reads the states of its keys by one statement and writes each once, in the transaction of the inbox and the
 * outbox: an event changes the state once and its outputs are published once, whenever the process dies.
 */
export function stage<S, E, O>(
  table: StateTable<KeyedState<S>>,
  options: StageOptions<S, E, O>,
): Stage<E> {
  const { group, process, publish, timer: wakes, late = () => 0 } = options;

  function changed(row: KeyedState<S>, outputs: readonly O[]) {
    const sets =
      wakes !== undefined && row.state !== null && !row.waiting && wakes.hasChanged(row.state);
    return {
      changes: [table.put({ ...row, waiting: row.waiting || sets })],
      send: [
        ...(outputs.length > 0 ? publish(outputs, row.id) : []),
        ...(sets ? [wakes.contract({ key: row.id }, { after: wakes.after })] : []),
      ],
    };
  }

  function processed(
    row: KeyedState<S> | undefined,
    of: Pick<KeyedState<S>, 'id' | 'at'>,
    event: E,
  ) {
    const before = row?.state ?? undefined;
    const { state, outputs } = process(before, event);
    return {
      ...changed({ ...of, state, waiting: row?.waiting ?? false }, outputs),
      late: late(state) > (before === undefined ? 0 : late(before)),
    };
  }

  return {
    from: (contract, { key, event, tables, once }) =>
      on(contract, table, {
        group,
        state: key,
        also: (data) => [
          ...(tables?.(data) ?? []),
          ...(once ? [{ ...once.table.at(once.id(data)), isNew: true }] : []),
        ],
        decide: (row, data, context) => {
          if (once && context.read(once.table.at(once.id(data)))) return {};
          const found = event(data, context);
          if (found === undefined) return {};
          const at = context.now.toISOString();
          const { changes, ...rest } = processed(row, { id: key(data), at }, found);
          const seen = once ? [once.table.put({ id: once.id(data), at })] : [];
          return { changes: [...changes, ...seen], ...rest };
        },
      }),
    timers: () => {
      if (!wakes) throw new TypeError(`the stage ${group} has no timer`);
      return on(wakes.contract, table, {
        group,
        state: ({ key }) => key,
        decide: (row) => {
          if (!row || row.state === null) return {};
          const { state, outputs } = wakes.flush(row.state);
          return changed({ ...row, state, waiting: false }, outputs);
        },
      });
    },
  };
}
