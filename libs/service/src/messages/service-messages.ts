import { envelopeIn } from '@waybill/dead-letter';
import { partitionOf, timeOfId } from '@waybill/message';
import type { Brokers, Group } from '@waybill/messaging';
import type { Pool } from 'pg';
import type {
  DeferredMessage,
  MessageAccess,
  MessagePlace,
  MessageState,
} from './message-access.ts';
import {
  type DeadLetterRow,
  type DeferredMessageRow,
  deadLetterOf,
  deferredMessages,
  deferredOf,
  handledAround,
  type InboxRow,
  inboxOf,
  type OutboxRow,
  outboxOf,
} from './statements.ts';

export interface ServiceMessagesOptions {
  readonly service: string;
  readonly pool: () => Pool;
  readonly groups: () => readonly Group[];
  readonly brokers: Brokers;
}

/** The most waiting messages of a group that are searched for one. */
const searched = 1_000;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const nowhere = {
  group: null,
  type: null,
  channel: null,
  partition: null,
  offset: null,
  attempt: null,
  at: null,
  dueAt: null,
  error: null,
  deadLetterId: null,
};

/** The messages of a service in its own process. */
export class ServiceMessages implements MessageAccess {
  constructor(private readonly options: ServiceMessagesOptions) {}

  async places(id: string): Promise<readonly MessagePlace[]> {
    if (!uuid.test(id)) return [];
    const [outbox, deferred, dead, inbox] = await Promise.all([
      this.inOutbox(id),
      this.inDeferred(id),
      this.inDeadLetters(id),
      this.inInbox(id),
    ]);
    const waiting = [...deferred, ...dead];
    // A row of the inbox about a message that is deferred or dead says less than the other row.
    const stored = [...waiting, ...inbox.filter((row) => !waiting.some(sameGroup(row)))];
    const groups = this.options
      .groups()
      .filter(({ name }) => !stored.some(sameGroup({ group: name })));
    return [...outbox, ...(await this.atBrokers(id, groups)), ...stored];
  }

  async deferred(
    { group }: { readonly group?: string },
    limit: number,
    after = 0,
  ): Promise<readonly DeferredMessage[]> {
    const { service, pool } = this.options;
    const { rows } = await pool().query<DeferredMessageRow>(deferredMessages, [
      group ?? null,
      after,
      limit,
    ]);
    return rows.map((row) => ({
      seq: Number(row.seq),
      service,
      group: row.group_name,
      messageId: row.message_id,
      type: envelopeIn(row.body)?.type ?? null,
      channel: row.channel,
      partition: row.shard,
      key: row.key,
      attempt: row.attempt,
      reason: reasonOf(row),
      error: row.error,
      firstAt: row.first_at.toISOString(),
      dueAt: row.due_at?.toISOString() ?? null,
    }));
  }

  private async inOutbox(id: string): Promise<readonly MessagePlace[]> {
    const { service, pool } = this.options;
    const { rows } = await pool().query<OutboxRow>(outboxOf, [id]);
    return rows.map(({ body, channel, at, due_at }) => ({
      ...nowhere,
      place: 'outbox',
      service,
      state: 'pending',
      type: envelopeIn(body)?.type ?? null,
      channel,
      at: at.toISOString(),
      dueAt: due_at?.toISOString() ?? null,
    }));
  }

  private async inDeferred(id: string): Promise<readonly MessagePlace[]> {
    const { service, pool } = this.options;
    const { rows } = await pool().query<DeferredMessageRow>(deferredOf, [this.names(), id]);
    return rows.map((row) => ({
      ...nowhere,
      place: 'deferred',
      service,
      group: row.group_name,
      state: stateOfReason[reasonOf(row)],
      type: envelopeIn(row.body)?.type ?? null,
      channel: row.channel,
      partition: row.shard,
      attempt: row.attempt,
      at: row.first_at.toISOString(),
      dueAt: row.due_at?.toISOString() ?? null,
      error: row.error,
    }));
  }

  private async inDeadLetters(id: string): Promise<readonly MessagePlace[]> {
    const { service, pool } = this.options;
    const { rows } = await pool().query<DeadLetterRow>(deadLetterOf, [id]);
    return rows.map((row) => ({
      ...nowhere,
      place: 'dead-letter',
      service,
      group: row.group_name,
      state: 'dead',
      type: row.type,
      channel: row.channel,
      partition: row.shard,
      attempt: row.attempts,
      at: row.at.toISOString(),
      error: row.error,
      deadLetterId: `${service}.${row.id}`,
    }));
  }

  /** A message that was applied at once has its details in the page of its batch. */
  private async inInbox(id: string): Promise<readonly MessagePlace[]> {
    const { service, pool } = this.options;
    const { rows } = await pool().query<InboxRow>(inboxOf, [id]);
    const slim = rows.some(({ key }) => key === null);
    const made = new Date(timeOfId(id));
    const paged = slim ? (await pool().query<InboxRow>(handledAround, [id, made])).rows : [];
    return rows.map((row) => {
      const page = paged.find(({ group_name }) => group_name === row.group_name);
      const { key, type, channel, attempt, outcome, at } = page ?? row;
      return {
        ...nowhere,
        place: 'inbox',
        service,
        group: row.group_name,
        state: stateOfOutcome[outcome ?? 'applied'],
        type,
        channel,
        partition: this.partitionOf(row.group_name, key),
        attempt,
        at: at?.toISOString() ?? null,
      };
    });
  }

  /** Only where the broker shows what waits. */
  private async atBrokers(id: string, groups: readonly Group[]): Promise<readonly MessagePlace[]> {
    const found = await Promise.all(groups.map((group) => this.atBroker(id, group)));
    return found.flat();
  }

  private async atBroker(id: string, group: Group): Promise<readonly MessagePlace[]> {
    const { service, brokers } = this.options;
    const operations = brokers.brokerFor(group.kind).operations;
    if (!operations) return [];
    const channels = [...new Set(group.bindings.map(({ channel }) => channel))];
    const browsed = await Promise.all(
      channels.map((each) => operations.browse(group.name, each, searched).catch(() => [])),
    );
    return browsed.flat().flatMap(({ body, inFlight, ...where }): MessagePlace[] => {
      const envelope = body.includes(id) ? envelopeIn(body) : undefined;
      if (envelope?.id !== id) return [];
      const state = inFlight ? 'processing' : 'pending';
      return [{ ...nowhere, ...where, place: 'broker', service, state, type: envelope.type }];
    });
  }

  private names(): readonly string[] {
    return this.options.groups().map(({ name }) => name);
  }

  /** Callers' messages have a group that is at no broker. */
  private partitionOf(name: string, key: string | null): number | null {
    const group = this.options.groups().find((each) => each.name === name);
    return group && key !== null ? partitionOf(key, group.partitions) : null;
  }
}

const sameGroup =
  (one: { readonly group: string | null }) =>
  (other: { readonly group: string | null }): boolean =>
    one.group === other.group;

/** The reasons that have another name in the database. */
const reasons: ReadonlyMap<string, DeferredMessage['reason']> = new Map([
  ['asking', 'calling'],
  ['behind', 'blocked'],
]);

const reasonOf = ({ reason }: DeferredMessageRow): DeferredMessage['reason'] =>
  reasons.get(reason) ?? (reason as DeferredMessage['reason']);

const stateOfReason: Readonly<Record<DeferredMessage['reason'], MessageState>> = {
  retry: 'failed',
  calling: 'processing',
  blocked: 'pending',
  newer: 'pending',
  redriven: 'pending',
  held: 'dead',
};

const stateOfOutcome: Readonly<Record<NonNullable<InboxRow['outcome']>, MessageState>> = {
  applied: 'completed',
  parked: 'pending',
  dead: 'dead',
  discarded: 'dead',
};
