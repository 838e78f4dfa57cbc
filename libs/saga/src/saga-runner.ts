import { type Contract, momentText } from '@waybill/message';
import {
  type Change,
  type DecideContext,
  type Decision,
  type Handler,
  Handles,
  on,
  type StateRef,
  type StateTable,
  type StreamEvent,
} from '@waybill/messaging';
import { react } from './react.ts';
import { messagesOf } from './saga.ts';
import type { SagaContext, SagaDecision, SagaInput, SagaRefusal } from './saga-decision.ts';
import { SagaDue, timerInput } from './saga-due.ts';
import { endedOf, notesOf } from './saga-log.ts';
import { recorded } from './saga-record.ts';
import type { SagaRegistry } from './saga-registry.ts';
import { type SagaState, sagaId } from './saga-state.ts';
import { sagas } from './storage/saga.entity.ts';

type Context = Pick<DecideContext<unknown>, 'now' | 'read'>;

/** A message and the names of the sagas that subscribe to it. */
interface Subscription {
  readonly contract: Contract;
  readonly names: Set<string>;
}

/** Subscribes sagas to their replies and timers, and turns their reactions into decisions of their service. */
export class SagaRunner {
  /** The state that all sagas of the service record to. */
  private readonly recordedIn: StateTable | undefined;

  constructor(
    readonly registry: SagaRegistry,
    private readonly settings: { readonly replyTimeout?: number } = {},
  ) {
    const streams = new Set(registry.sagas.map(({ record }) => record?.stream));
    streams.delete(undefined);
    if (streams.size > 1) throw new TypeError('the sagas of a service record in one stream');
    [this.recordedIn] = streams as Set<StateTable>;
  }

  /** A handler for every message that a definition names, including old versions, and for the timers. */
  @Handles()
  handlers(): readonly Handler[] {
    const byType = new Map<string, Subscription>();
    for (const saga of this.registry.sagas) {
      for (const contract of messagesOf(saga)) {
        const known = byType.get(contract.type) ?? { contract, names: new Set() };
        known.names.add(saga.name);
        byType.set(contract.type, known);
      }
    }
    return [...[...byType.values()].map((each) => this.onReply(each)), this.onTimer()];
  }

  /**
   * The decision of the saga of `row` on `input`; `refused` when an operator's request would do harm. A saga with a record
   * decides nothing without its `state`. The definition is the version that the saga began with.
   */
  advance(
    row: SagaState,
    state: object | undefined,
    input: SagaInput,
    now: Date,
  ): Decision & { readonly refused?: SagaRefusal } {
    const saga = this.registry.of(row);
    const { record } = saga;
    if (record && !state) return {};
    const context = this.contextAt(now);
    const reaction = react(saga, row, input, context);
    if (reaction.refused) return { refused: reaction.refused };
    if (reaction.state === row) return {};
    const next = reaction.next ?? this.following(reaction, input, state, context);
    const decisions = next ? [reaction, next] : [reaction];
    const changes: Change[] = decisions.map(({ state }) => sagas.put(state));
    const send = decisions.flatMap((decision) => decision.send);
    const notes = decisions.flatMap(notesOf);
    const ended = endedOf(row, reaction.did);
    const events = state ? this.eventsOf(decisions, input, state) : [];
    if (!record || !state || events.length === 0) return { changes, send, notes, ended };
    changes.push(record.stream.append(row.key, ...events));
    const published = record.publish?.(record.fold(state, events, momentText(now)), events) ?? [];
    return { changes, send: [...send, ...published], notes, ended };
  }

  private contextAt(now: Date): SagaContext {
    const { replyTimeout: net } = this.settings;
    return net === undefined ? { now } : { now, net };
  }

  /** The beginning of the saga that the state waits for after the settlement of another. */
  private following(
    reaction: SagaDecision,
    input: SagaInput,
    state: object | undefined,
    context: SagaContext,
  ): SagaDecision | undefined {
    const saga = this.registry.of(reaction.state);
    if (!reaction.outcome || !state || !saga.record) return undefined;
    const events = this.eventsOf([reaction], input, state);
    return saga.followedBy?.(saga.record.fold(state, events, reaction.state.updatedAt), context);
  }

  /** The events of a reaction, and of the saga that begins with it. */
  private eventsOf(
    decisions: readonly SagaDecision[],
    input: SagaInput,
    state: object,
  ): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    for (const decision of decisions) {
      const saga = this.registry.of(decision.state);
      const { updatedAt } = decision.state;
      const now = events.length === 0 ? state : saga.record?.fold(state, events, updatedAt);
      events.push(...recorded(saga, decision, input, now ?? state));
    }
    return events;
  }

  /** Late and repeated replies change nothing, because the saga ignores them. */
  private onReply({ contract, names: all }: Subscription): Handler {
    const names = [...all];
    const [first = ''] = names;
    const idOf = this.recordedIn
      ? (data: unknown) => contract.key(data)
      : (data: unknown) => sagaId({ name: first }, contract.key(data));
    return on(contract, this.recordedIn ?? sagas, {
      state: idOf,
      also: (data) => names.map((name) => rowOf(name, contract.key(data))),
      decide: (state, data, context) => {
        const key = contract.key(data);
        const rows = names.map((name) => rowOf(name, key));
        return this.tell(rows, state, { type: contract.type, data }, context);
      },
    });
  }

  private onTimer(): Handler {
    return on(SagaDue, this.recordedIn ?? sagas, {
      state: ({ key, sagaId: id }) => (this.recordedIn ? key : id),
      also: (due) => [sagas.at(due.sagaId)],
      decide: (state, due, context) =>
        this.tell([sagas.at(due.sagaId)], state, timerInput(due), context),
    });
  }

  /** If several sagas wait for a message, it goes to the first one that it changes. */
  private tell(
    rows: readonly StateRef<SagaState>[],
    state: object | undefined,
    input: SagaInput,
    context: Context,
  ): Decision {
    for (const ref of rows) {
      const row = context.read(ref);
      if (!row) continue;
      const decision = this.advance(row, state, input, context.now);
      if (decision.changes) return decision;
    }
    return {};
  }
}

const rowOf = (name: string, key: string) => sagas.at(sagaId({ name }, key));
