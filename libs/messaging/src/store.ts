import type { Contract, Envelope } from '@waybill/message';
import type { AppendOnlyTable, StateRef, StateTable, StreamEvent } from './state.ts';

/** How a message ended in a group, or where it waits. */
export type Outcome = 'applied' | 'parked' | 'dead' | 'discarded';

/** One row per (group, message) from first sight; these rows are the journey of an order. */
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
  /** First sight: the row must not exist yet. Otherwise it is changed. */
  readonly first: boolean;
  /** What handling it did, for people to read. */
  readonly notes?: readonly unknown[] | undefined;
}

/** A message that waits in its group's own database; later messages of its key wait behind it. */
export interface ParkedRow {
  readonly group: string;
  readonly messageId: string;
  readonly shard: number;
  readonly key: string;
  readonly channel: string;
  readonly body: string;
  readonly attempt: number;
  readonly firstAt: string;
  /** Null while it waits behind another message of its key. */
  readonly dueAt: string | null;
  /** `held`: a dead letter whose key must wait for a person. */
  readonly reason: 'retry' | 'asking' | 'behind' | 'newer' | 'redriven' | 'held';
  readonly error: string | null;
}

/** A message that could not be handled, with all that a person needs to judge it. */
export interface DeadRow {
  readonly id: string;
  readonly group: string;
  readonly messageId: string | null;
  readonly shard: number;
  readonly key: string | null;
  readonly type: string | null;
  readonly channel: string;
  readonly handler: string | null;
  /** The original bytes, as text. */
  readonly body: string;
  /** The original bytes where they are no UTF-8. */
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
  /** What was loaded, so that columns which stayed the same need not be written; absent: write them all. */
  readonly before?: object | undefined;
  readonly loaded: number;
  readonly version: number;
}

/** A state that a decision looked at and left alone; `version` is the one it saw, 0: there was no row. */
export interface StateRead {
  readonly table: StateTable;
  readonly id: string;
  readonly version: number;
}

export interface EventWrite {
  readonly table: StateTable;
  readonly streamId: string;
  readonly version: number;
  readonly event: StreamEvent;
  readonly at: string;
  readonly messageId: string;
}

export interface OutboxRow {
  readonly id: string;
  readonly broker: string;
  readonly lane: number;
  readonly channel: string;
  readonly key: string;
  /** Null: at once. */
  readonly dueAt: string | null;
  readonly body: string;
  /** Of `body`, in UTF-8. */
  readonly bytes: number;
  /** This process will publish it itself, from memory. */
  readonly own: boolean;
  /** For the fast path; rows read back from the table are decoded, and nobody has checked their data. */
  readonly envelope: Envelope;
  readonly contract: Contract;
}

/** A page of the outbox, by the numbers of its messages. */
export interface ConfirmedPage {
  readonly first: number;
  readonly last: number;
}

export interface Fence {
  readonly group: string;
  readonly shard: number;
  readonly epoch: number;
}

/** Everything that one transaction writes. */
export interface Batch {
  readonly fences: readonly Fence[];
  readonly inbox: readonly InboxRow[];
  readonly states: readonly StateWrite[];
  /** None of them may have moved on by the commit: what follows from an old state can be nothing at all. */
  readonly reads?: readonly StateRead[];
  readonly events: readonly EventWrite[];
  readonly entries: readonly { readonly table: AppendOnlyTable; readonly row: object }[];
  readonly outbox: readonly OutboxRow[];
  /** Pages of the outbox whose every message is confirmed: deleted here, so it costs no commit of its own. */
  readonly confirmed: readonly ConfirmedPage[];
  readonly park: readonly ParkedRow[];
  readonly unpark: readonly { readonly group: string; readonly messageId: string }[];
  readonly bury: readonly DeadRow[];
}

/** A batch that writes nothing; spread it and say what it writes. */
export const emptyBatch: Batch = {
  fences: [],
  inbox: [],
  states: [],
  events: [],
  entries: [],
  outbox: [],
  confirmed: [],
  park: [],
  unpark: [],
  bury: [],
};

/** What a commit gave: the numbers of its messages, ascending within a lane, in the order of `batch.outbox`. */
export interface Committed {
  readonly outboxSeqs: readonly number[];
}

export interface Loaded {
  readonly value: object;
  readonly version: number;
}

/** Somebody else was quicker: nothing was written. The batch is made again; no attempt is counted. */
export class BatchConflict extends Error {
  readonly code = 'batch_conflict';
  constructor(
    /** `seen`: message ids already in the inbox; `fence`: shards that another owner has; `version`: states that moved on. */
    readonly reason: 'seen' | 'fence' | 'version' | 'serialization',
    readonly what: readonly string[] = [],
  ) {
    super(`batch conflict (${reason}): ${what.join(', ')}`);
    this.name = 'BatchConflict';
  }
}

/** Whose failure an error of the store is: the data of some message, a moment's conflict, or the database itself. */
export type StoreFailure = 'data' | 'conflict' | 'unavailable';

/** The port between the consumer and the database of its service. `seen` in `BatchConflict.what` is `group/messageId`. */
export interface Store {
  /** Loads states in one round trip; an absent row is absent from the answer. Keys are `refName(ref)`. */
  load(refs: readonly StateRef[]): Promise<ReadonlyMap<string, Loaded>>;
  /** One statement, one commit; throws `BatchConflict`, or a database error that `failure` can judge. */
  commit(batch: Batch): Promise<Committed>;
  /**
   * Locks the rows of `refs` in (table, id) order, lets `make` decide on them, and commits its batch in the
   * same transaction. An absent row is not locked; the version check guards it.
   */
  commitLocked(
    refs: readonly StateRef[],
    make: (locked: ReadonlyMap<string, Loaded>) => Batch,
  ): Promise<Committed>;
  failure(error: unknown): StoreFailure;
  /** Becomes the owner of shards: bumps and returns their epochs, and makes `asking` rows due. */
  own(group: string, shards: readonly number[]): Promise<readonly Fence[]>;
  /** How many messages are parked on each key of the shards, redriven ones apart; keys are `group/key`. */
  parkedKeys(group: string, shards: readonly number[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Heads of keys that are due, oldest first: past their time, or `behind` with nothing before them any more.
   * Never `held` or `asking` ones.
   */
  due(group: string, shards: readonly number[], limit: number): Promise<readonly ParkedRow[]>;
  /** The parked messages of one key, in order. */
  parkedOf(group: string, key: string, limit: number): Promise<readonly ParkedRow[]>;
}

/** Remembers, over a crash, which messages were begun and never ended. */
export interface CrashMarks {
  /**
   * This process runs from now on. `unclean` when it, or another one of the service, did not stop in order; `suspects`
   * are the ids of messages that those which died marked and never ended.
   */
  open(): Promise<{ readonly unclean: boolean; readonly suspects: readonly string[] }>;
  /**
   * Marks messages durably, all or none; answers how many processes began each and never ended it, this one included.
   * Repeated by the same process it counts once.
   */
  begin(messageIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** The messages came to an end, with whatever outcome: the marks that this process made of them go. */
  end(messageIds: readonly string[]): Promise<void>;
  /**
   * It stops in order, or is past the messages that a crash may have been about: its marks go and those of processes that
   * died, but for the messages to spare.
   */
  clear(options: { readonly running: boolean; readonly sparing: readonly string[] }): Promise<void>;
}

/** The consumer's view of the relay. */
export interface Relay {
  /** Takes rows right after their commit, with their numbers, in order. Never blocks. */
  offer(rows: readonly OutboxRow[], seqs: readonly number[]): void;
  /** Live messages, after the commit; may be lost. */
  announce(envelopes: readonly Envelope[]): void;
  /** Takes the confirmed pages gathered so far; `restore` gives them back when a commit fails. */
  takeConfirmed(): readonly ConfirmedPage[];
  restore(confirmed: readonly ConfirmedPage[]): void;
  /** A commit may have stored rows that were not offered: they must be looked for before newer ones go out. */
  missed?(): void;
  /** Lane and broker of a message; `own`: this process publishes what is in that lane, from memory. */
  route(envelope: Envelope): {
    readonly broker: string;
    readonly lane: number;
    readonly own: boolean;
  };
}

/** A relay that runs beside the consumer of its service. */
export interface RunningRelay extends Relay {
  /** Takes its lanes and publishes what a crash left behind. */
  start(): Promise<void>;
  /** Publishes nothing more, waits at most `patienceMs` for what is in flight, and deletes what is confirmed. */
  close(patienceMs?: number): Promise<void>;
  /** Milliseconds from commit to confirm of some of the rows that were confirmed since the last call. */
  takeLags?(): readonly number[];
  stats(): { readonly queued: number; readonly inFlight: number; readonly failed: number };
}

/** Transactions for transactional handlers. */
export interface Transactions {
  /**
   * Writes `batch`, then calls `work`, both in one transaction; answers what `work` did, after the commit. Throws
   * `BatchConflict` as a commit does, and without calling `work`.
   */
  run<R>(batch: Batch, message: Envelope, work: (transaction: unknown) => Promise<R>): Promise<R>;
}

/** Where a service keeps its states and messages. A database that is behind is no failure: a migration may be running. */
export abstract class Storage {
  abstract readonly store: Store;
  abstract readonly relay: RunningRelay;
  /** Absent: a message that takes the process down is begun again each time. */
  readonly crashMarks?: CrashMarks;
  /** Absent: transactional handlers are refused. */
  readonly transactions?: Transactions;

  /** What the database lacks of what this release needs. */
  abstract missing(): Promise<readonly string[]>;

  /** Ids from before this moment may have been forgotten, in milliseconds since the epoch; null while none were. */
  abstract oldest(): number | null;

  /**
   * From now on makes room for the messages of the next days, and forgets those past their retention. Resolves
   * when `oldest` is known, with a function that ends it.
   */
  abstract maintain(): Promise<() => void>;
}
