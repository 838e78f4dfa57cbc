import type { Contract, Envelope } from '@waybill/message';
import type { AppendOnlyTable, StateRef, StateTable, StreamEvent } from './state.ts';

/** How a message ended in a group, or that it is deferred. */
export type Outcome = 'applied' | 'parked' | 'dead' | 'discarded';

/** One row per (group, message) from first receipt; these rows are the journey of an order. */
export interface InboxRow {
  readonly group: string;
  readonly messageId: string;
  readonly key: string;
  readonly type: string;
  readonly source: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly channel: string;
  readonly broker: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly at: string;
  readonly durationMs: number;
  /** First receipt: the row must not exist yet. Otherwise the row is updated. */
  readonly first: boolean;
  /** What the handler did, for people. */
  readonly notes?: readonly unknown[] | undefined;
}

/** A message deferred in its group's own database; later messages of its key are deferred behind it. */
export interface DeferredRow {
  readonly group: string;
  readonly messageId: string;
  readonly partition: number;
  readonly key: string;
  readonly channel: string;
  readonly body: string;
  readonly attempt: number;
  readonly firstAt: string;
  /** Null while it has no due time, for instance while an earlier message of its key blocks it. */
  readonly dueAt: string | null;
  /** `held`: a dead letter that blocks its key until an operator redrives or discards it. */
  readonly reason: 'retry' | 'asking' | 'behind' | 'newer' | 'redriven' | 'held';
  readonly error: string | null;
}

/** A message that could not be processed, with everything that an operator needs to judge it. */
export interface DeadRow {
  readonly id: string;
  readonly group: string;
  readonly messageId: string | null;
  readonly partition: number;
  readonly key: string | null;
  readonly type: string | null;
  readonly channel: string;
  readonly handler: string | null;
  /** The original bytes, as text. */
  readonly body: string;
  /** The original bytes, if they are not UTF-8. */
  readonly bytes?: Uint8Array | undefined;
  readonly attempts: number;
  readonly code: string;
  readonly error: string;
  readonly stack: string | null;
  readonly firstAt: string;
  readonly at: string;
}

/** `loaded` is the version that was read (0: there was no row), `version` the one to write. */
export interface StateWrite {
  readonly table: StateTable;
  readonly id: string;
  readonly value: object;
  /** What was loaded, so that unchanged columns need not be written; absent: write all columns. */
  readonly before?: object | undefined;
  readonly loaded: number;
  readonly version: number;
}

/** A state that a decision read and did not change; `version` is the one it read, 0: there was no row. */
export interface StateRead {
  readonly table: StateTable;
  readonly id: string;
  readonly version: number;
}

/** An event to append to a stream; `version` is that of the state after it. */
export interface EventWrite {
  readonly table: StateTable;
  readonly streamId: string;
  readonly version: number;
  readonly event: StreamEvent;
  readonly at: string;
  readonly messageId: string;
}

/** A message to store in the outbox and publish after the commit. */
export interface OutboxRow {
  readonly id: string;
  readonly broker: string;
  readonly outboxPartition: number;
  readonly channel: string;
  readonly key: string;
  /** Null: at once. */
  readonly dueAt: string | null;
  readonly body: string;
  /** Of `body`, in UTF-8. */
  readonly bytes: number;
  /** This process publishes it itself, from memory. */
  readonly own: boolean;
  /** For the fast path; rows read back from the table are decoded, and their data are not checked. */
  readonly envelope: Envelope;
  readonly contract: Contract;
}

/** A page of the outbox, as a range of sequence numbers. */
export interface ConfirmedPage {
  readonly first: number;
  readonly last: number;
}

/** The ownership of a partition; a commit conflicts once the database has another epoch. */
export interface Fence {
  readonly group: string;
  readonly partition: number;
  readonly epoch: number;
}

/** Everything that one transaction writes. */
export interface Batch {
  readonly fences: readonly Fence[];
  readonly inbox: readonly InboxRow[];
  readonly states: readonly StateWrite[];
  /** States that must be unchanged at the commit, even if the decisions on them write nothing. */
  readonly reads?: readonly StateRead[];
  readonly events: readonly EventWrite[];
  readonly entries: readonly { readonly table: AppendOnlyTable; readonly row: object }[];
  readonly outbox: readonly OutboxRow[];
  /** Pages of the outbox in which every message is confirmed: deleted here, which saves a commit. */
  readonly confirmed: readonly ConfirmedPage[];
  readonly defer: readonly DeferredRow[];
  readonly undefer: readonly { readonly group: string; readonly messageId: string }[];
  readonly deadLetter: readonly DeadRow[];
}

/** A batch that writes nothing; spread it and add what to write. */
export const emptyBatch: Batch = {
  fences: [],
  inbox: [],
  states: [],
  events: [],
  entries: [],
  outbox: [],
  confirmed: [],
  defer: [],
  undefer: [],
  deadLetter: [],
};

/** The result of a commit: sequence numbers in the order of `batch.outbox`, ascending within an outbox partition. */
export interface Committed {
  readonly outboxSeqs: readonly number[];
}

export interface Loaded {
  readonly value: object;
  readonly version: number;
}

/** Another writer was first: nothing was written. The batch is made again; no attempt is counted. */
export class BatchConflict extends Error {
  readonly code = 'batch_conflict';
  constructor(
    /** `seen`: message ids already in the inbox; `fence`: partitions with another owner; `version`: states that changed. */
    readonly reason: 'seen' | 'fence' | 'version' | 'serialization',
    readonly what: readonly string[] = [],
  ) {
    super(`batch conflict (${reason}): ${what.join(', ')}`);
    this.name = 'BatchConflict';
  }
}

/** The cause of a store error: the data of a message, a transient conflict, or an unavailable database. */
export type StoreFailure = 'data' | 'conflict' | 'unavailable';

/** The port between the consumer and the database of its service. `seen` in `BatchConflict.what` is `group/messageId`. */
export interface Store {
  /** Loads states in one round trip; a missing row is missing from the result. Keys are `refName(ref)`. */
  load(refs: readonly StateRef[]): Promise<ReadonlyMap<string, Loaded>>;
  /** One statement, one commit; throws `BatchConflict`, or a database error that `failure` classifies. */
  commit(batch: Batch): Promise<Committed>;
  /**
   * Locks the rows of `refs` in (table, id) order, calls `make` with them, and commits its
   * batch in the same transaction. A missing row is not locked; the version check guards it.
   */
  commitLocked(
    refs: readonly StateRef[],
    make: (locked: ReadonlyMap<string, Loaded>) => Batch,
  ): Promise<Committed>;
  failure(error: unknown): StoreFailure;
  /** Takes ownership of partitions: increments and returns their epochs, and makes `asking` rows due. */
  own(group: string, partitions: readonly number[]): Promise<readonly Fence[]>;
  /**
   * Increments the epochs of those of `fences` that are still the last, and returns these: what was sent under the old
   * epochs is refused from now on, also if the database executes it only later.
   */
  renew(fences: readonly Fence[]): Promise<readonly Fence[]>;
  /** How many messages are deferred on each key of the partitions, without redriven ones; keys are `group/key`. */
  deferredKeys(group: string, partitions: readonly number[]): Promise<ReadonlyMap<string, number>>;
  /** Due messages that no earlier message of their key blocks, oldest first. Never `held` or `asking` ones. */
  due(group: string, partitions: readonly number[], limit: number): Promise<readonly DeferredRow[]>;
  /** The deferred messages of one key, in order. */
  deferredOf(group: string, key: string, limit: number): Promise<readonly DeferredRow[]>;
}

/** Records, across a crash, which messages were begun and not ended. */
export interface CrashMarks {
  /**
   * Registers this process as running. `unclean`: it, or another process of the service, did not
   * shut down in order; `suspects`: ids of messages that crashed processes marked and did not end.
   */
  open(): Promise<{ readonly unclean: boolean; readonly suspects: readonly string[] }>;
  /**
   * Marks messages durably, all or none; returns how many processes began each and did not end
   * it, this one included. A repetition by the same process counts once.
   */
  begin(messageIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The messages ended, with whatever outcome: removes this process's marks of them. */
  end(messageIds: readonly string[]): Promise<void>;
  /**
   * At an orderly shutdown, or once the messages that may have caused a crash are processed: removes
   * the marks of this process and of crashed processes, except for the messages in `sparing`.
   */
  clear(options: { readonly running: boolean; readonly sparing: readonly string[] }): Promise<void>;
}

/** The consumer's view of the relay. */
export interface Relay {
  /** Takes rows right after their commit, with their sequence numbers, in order. Never blocks. */
  offer(rows: readonly OutboxRow[], seqs: readonly number[]): void;
  /** Publishes live messages after the commit, best effort. */
  announce(envelopes: readonly Envelope[]): void;
  /** Removes and returns the pages confirmed so far; `restore` puts them back when a commit fails. */
  takeConfirmed(): readonly ConfirmedPage[];
  restore(confirmed: readonly ConfirmedPage[]): void;
  /** A commit may have stored rows that were not offered: the relay must find them before it publishes newer ones. */
  missed?(): void;
  /**
   * Broker and outbox partition of a message; `own`: this process publishes that outbox partition, from memory. `largest`: the
   * bytes of a body that its broker takes; absent: any.
   */
  route(envelope: Envelope): {
    readonly broker: string;
    readonly outboxPartition: number;
    readonly own: boolean;
    readonly largest?: number;
  };
}

/** A relay that runs beside the consumer of its service. */
export interface RunningRelay extends Relay {
  /** Takes its outbox partitions and publishes the rows that a crash left. */
  start(): Promise<void>;
  /** Publishes nothing more, waits at most `patienceMs` for messages in flight, and deletes confirmed rows. */
  close(patienceMs?: number): Promise<void>;
  /** Milliseconds from commit to confirm, for some of the rows that were confirmed since the last call. */
  takeLags?(): readonly number[];
  stats(): { readonly queued: number; readonly inFlight: number; readonly failed: number };
}

/** Transactions for transactional handlers. */
export interface Transactions {
  /**
   * Writes `batch`, then calls `work`, both in one transaction; resolves with the result of
   * `work` after the commit. Throws `BatchConflict` like a commit, without calling `work`.
   */
  run<R>(batch: Batch, message: Envelope, work: (transaction: unknown) => Promise<R>): Promise<R>;
}

/** Where a service stores its states and messages. Pending migrations are not a failure: the service waits for them. */
export abstract class Storage {
  abstract readonly store: Store;
  abstract readonly relay: RunningRelay;
  /** Absent: a message that crashes the process is begun again each time. */
  readonly crashMarks?: CrashMarks;
  /** Absent: transactional handlers are refused. */
  readonly transactions?: Transactions;

  /** Calls `listener` after each commit with the rows that decisions have inserted into `table`. Absent: nothing is called. */
  onEntries?(table: AppendOnlyTable, listener: (rows: readonly object[]) => void): void;

  /** What the database lacks of what this release needs; empty: nothing. */
  abstract missing(): Promise<readonly string[]>;

  /** Ids from before this moment may be gone from the inbox, in milliseconds since the epoch; null while none are. */
  abstract oldest(): number | null;

  /**
   * Starts to prepare for the messages of the next days, and to delete those past their
   * retention. Resolves when `oldest` is known, with a function that stops it.
   */
  abstract maintain(): Promise<() => void>;
}
