import { partitionOf } from '@waybill/message';
import {
  BrokerClosed,
  BrokerFull,
  type Clock,
  needsSubscriber,
  type Outgoing,
  type Settled,
  Unroutable,
} from '@waybill/messaging';
import { Confirm } from './confirm.ts';
import type { EmbeddedGroup } from './embedded-group.ts';
import { ConfirmLost, type Faults } from './faults.ts';
import type { Place } from './log/log-record.ts';
import type { MessageLog } from './log/message-log.ts';
import type { Observers } from './observers.ts';
import type { Routes } from './routes.ts';
import { TimedTasks } from './timed-tasks.ts';

/** The parts of the publishing side of a broker. */
export interface IntakeParts {
  readonly broker: string;
  readonly clock: Clock;
  readonly routes: Routes;
  readonly observers: Observers;
  readonly faults: Faults | null;
  readonly log: MessageLog | null;
}

/** The publishing side: accepts a message for all of its groups, or refuses it for all. */
export class Intake {
  readonly #timed: TimedTasks;
  readonly #settledAtOnce: (() => void)[] = [];
  #closed = false;

  constructor(private readonly parts: IntakeParts) {
    this.#timed = new TimedTasks(parts.clock);
  }

  publish(messages: readonly Outgoing[], settled: Settled): void {
    const now = this.parts.clock.now().getTime();
    for (const message of messages) {
      if (this.#closed) this.#settleAtOnce(message, settled, new BrokerClosed(this.parts.broker));
      else this.#take(message, settled, now);
    }
  }

  /** Refuses every message from now on. */
  close(): void {
    this.#closed = true;
  }

  /** Reports messages that a fault delays to their senders as failed. */
  abandon(error: Error): void {
    this.#timed.abandon(error);
  }

  #take(message: Outgoing, settled: Settled, now: number): void {
    const { routes, observers, faults } = this.parts;
    const groups = routes.groupsFor(message.channel, message.envelope);
    const refusal = this.#refusalOf(message, groups);
    if (refusal) {
      this.#settleAtOnce(message, settled, refusal);
      return;
    }
    observers.offer(message.envelope);
    const isKept = this.parts.log?.keeps(message.channel) === true;
    if (groups.length === 0 && !isKept) {
      this.#settleAtOnce(message, settled);
      return;
    }
    // The log commits it like a group.
    const confirm = this.#confirmOf(message, settled, groups.length + (isKept ? 1 : 0));
    const place = isKept ? this.#append(message, groups[0]?.partitions ?? 1, confirm, now) : null;
    for (const group of groups) {
      const add = (its: Confirm | null, at: number): void => group.add(message, its, at, place);
      if (faults) this.#addWithFaults(faults, add, confirm);
      else add(confirm, now);
    }
  }

  #append(message: Outgoing, partitions: number, confirm: Confirm, now: number): Place | null {
    const partition = partitionOf(message.envelope.key, partitions);
    const written = (error?: Error): void => {
      if (error) confirm.fail(error);
      else confirm.done();
    };
    return this.parts.log?.append(message, partition, now, written) ?? null;
  }

  #refusalOf(message: Outgoing, groups: readonly EmbeddedGroup[]): Error | null {
    const { kind, type } = message.envelope;
    if (groups.length === 0 && needsSubscriber.has(kind))
      return new Unroutable(type, message.channel);
    for (const group of groups) {
      if (group.isFull()) return new BrokerFull(group.name, group.open);
    }
    return null;
  }

  #addWithFaults(
    faults: Faults,
    add: (confirm: Confirm | null, now: number) => void,
    confirm: Confirm,
  ): void {
    for (const each of faults.duplicates() ? [confirm, null] : [confirm]) {
      const addNow = (): void => add(each, this.parts.clock.now().getTime());
      const hold = faults.holdsBack();
      if (hold > 0) this.#timed.add(hold, each, addNow);
      else addNow();
    }
  }

  #confirmOf(message: Outgoing, settled: Settled, groups: number): Confirm {
    const { id } = message.envelope;
    if (!this.parts.faults?.losesConfirm()) return new Confirm(id, settled, groups);
    return new Confirm(id, (_, error) => settled(id, error ?? new ConfirmLost(id)), groups);
  }

  /** Settles after `publish` has returned, like every other broker: no sender expects its callback before that. */
  #settleAtOnce(message: Outgoing, settled: Settled, error?: Error): void {
    if (this.#settledAtOnce.length === 0) {
      queueMicrotask(() => {
        for (const settle of this.#settledAtOnce.splice(0)) settle();
      });
    }
    const { id } = message.envelope;
    this.#settledAtOnce.push(() => (error ? settled(id, error) : settled(id)));
  }
}
