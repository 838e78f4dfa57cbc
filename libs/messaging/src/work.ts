import {
  type Contract,
  decode,
  type Envelope,
  InvalidMessage,
  MalformedEnvelope,
  readData,
  timeOfId,
} from '@waybill/message';
import type { Delivery, Made } from './broker.ts';
import type { Ended, Handler } from './handler.ts';
import type { DeferredRow, Fence, Outcome } from './store.ts';
import type { Span } from './tracer.ts';

/** Where a message came from, and what its commit must settle. */
export type Origin =
  | { readonly from: 'broker'; readonly delivery: Pick<Delivery, 'ack' | 'giveBack'> }
  | { readonly from: 'parked'; readonly row: DeferredRow }
  | { readonly from: 'caller'; resolve(answer: unknown): void; reject(error: unknown): void };

export type ExternalCall =
  | { readonly state: 'none' }
  | { readonly state: 'pending' }
  | { readonly state: 'answered'; readonly answer: unknown; readonly durationMs: number }
  | { readonly state: 'failed'; readonly error: unknown };

export const notCalled: ExternalCall = { state: 'none' };

/** One ownership of a partition, under which messages are taken. An ended one never resumes; a later one is another object. */
export interface Tenure extends Fence {
  epoch: number;
  ended: boolean;
}

/** One unsettled message of one group. */
export interface Work {
  readonly group: string;
  readonly channel: string;
  readonly broker: string;
  readonly body: string;
  readonly bytes: Uint8Array | undefined;
  readonly partition: number;
  /** Null if the bytes are not an envelope. */
  readonly envelope: Envelope | null;
  readonly data: unknown;
  readonly handler: Handler | null;
  /** `group/key`: what order and deferring apply to. */
  readonly keyId: string;
  /** Milliseconds since the epoch, like `arrivedAt`; earlier than that for a message that was deferred. */
  readonly firstAt: number;
  readonly arrivedAt: number;
  origin: Origin;
  attempt: number;
  /** Attempts before this one: a batch that is run again counts from here. */
  attemptsBefore: number | undefined;
  /** The ownership of its partition under which it was taken: once it ends, another owner processes the message. */
  fence: Tenure | undefined;
  call: ExternalCall;
  /** Why it cannot be processed whatever its state: unreadable, unknown type, data that break the schema. */
  refusal: unknown;
  /** The database error that this message alone causes, found by halving its batch. */
  blame: unknown;
  /** When it became ready for a batch; 0 before that. */
  readyAt: number;
  /** Processed before: decide again only for the caller. */
  seen: boolean;
  /** It arrived while others of its key were deferred, so it makes no external call and must be deferred behind them. */
  blocked: boolean;
  /** Why this attempt failed. */
  failure: unknown;
  /** Its processing, if its trace is recorded: from its arrival to its commit. */
  span: Span | undefined;
}

/** No handler of the group may process it: unknown type or version, expired, too old, or given up by the broker. */
export class UnknownMessage extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'unknown_type' | 'unknown_version' | 'expired' | 'too_old' | 'given_up',
    message: string,
  ) {
    super(message);
    this.name = 'UnknownMessage';
  }
}

/** Bytes were no message from the start, whoever gave up on them. */
const givenUp = (reason: string, bytes: Uint8Array | undefined): Error =>
  bytes ? new MalformedEnvelope(reason) : new UnknownMessage('given_up', reason);

/** Whether a message was refused because its bytes are no envelope, or its data break the schema. */
export const isMalformed = (refusal: unknown): boolean =>
  refusal instanceof MalformedEnvelope || refusal instanceof InvalidMessage;

/** A newer version of a known type: deferred until a release knows it. */
export class NewerVersion extends Error {
  readonly code = 'newer_version';
  readonly countsAsAttempt = false;
  constructor(envelope: Envelope, known: number) {
    super(
      `${envelope.type} v${envelope.version} is newer than v${known}, which this release knows`,
    );
    this.name = 'NewerVersion';
  }
}

/** Processing it has crashed the process before; it is dead-lettered, not retried. */
export class CrashSuspect extends Error {
  readonly retriable = false;
  readonly code = 'crashed_consumer';
  constructor(type: string, crashes: number) {
    super(`${type} was begun ${crashes} times and the process died each time`);
    this.name = 'CrashSuspect';
  }
}

interface Source {
  readonly group: string;
  readonly channel: string;
  readonly broker: string;
  readonly body: string;
  readonly bytes?: Uint8Array | undefined;
  readonly made?: Made | undefined;
  readonly partition: number;
  readonly firstAt: number;
  readonly arrivedAt: number;
  readonly attempt: number;
  readonly origin: Origin;
  readonly fence?: Tenure | undefined;
  readonly expired?: boolean | undefined;
  readonly gaveUp?: string | undefined;
  /** Ids from before this moment may be gone from the inbox. */
  readonly oldest?: number | null;
}

/** Reads a received message; never throws: any error becomes the work's `refusal`. */
export function readWork(source: Source, handlers: ReadonlyMap<string, Handler>): Work {
  let envelope: Envelope | null = null;
  let data: unknown;
  let handler: Handler | null = null;
  let refusal: unknown;
  try {
    if (source.bytes) throw new MalformedEnvelope('its bytes are no UTF-8');
    envelope = source.made?.envelope ?? decode(source.body);
    handler = handlers.get(envelope.type) ?? null;
    if (!handler)
      throw new UnknownMessage(
        'unknown_type',
        `${source.group} does not subscribe to ${envelope.type}`,
      );
    checkVersion(envelope, handler);
    if (source.expired)
      throw new UnknownMessage('expired', `${envelope.type} expired at ${envelope.expiresAt}`);
    checkAge(envelope, source.oldest ?? null);
    data = dataFor(handler.contract, envelope, source.made);
  } catch (error) {
    refusal = error;
  }
  if (source.gaveUp !== undefined) refusal = givenUp(source.gaveUp, source.bytes);
  // All fields, always in this order and never by a spread: objects of one shape are cheap to make and to read.
  return {
    group: source.group,
    envelope,
    channel: source.channel,
    broker: source.broker,
    body: source.body,
    bytes: source.bytes,
    partition: source.partition,
    data,
    handler,
    keyId: `${source.group}/${envelope?.key ?? ''}`,
    firstAt: source.firstAt,
    arrivedAt: source.arrivedAt,
    origin: source.origin,
    attempt: source.attempt,
    attemptsBefore: undefined,
    fence: source.fence,
    call: notCalled,
    refusal,
    blame: undefined,
    readyAt: 0,
    seen: false,
    blocked: false,
    failure: undefined,
    span: undefined,
  };
}

/**
 * The data of a message as `contract` reads them; throws `InvalidMessage`. Data that the
 * same contract has made in this process are not read again.
 */
export const dataFor = (contract: Contract, envelope: Envelope, made: Made | undefined): unknown =>
  made?.contract === contract ? envelope.data : readData(contract, envelope.version, envelope.data);

/** Whether the ownership under which it was taken still holds. Messages of callers need none. */
export const isOurs = ({ origin, fence }: Work): boolean =>
  origin.from === 'caller' || (fence !== undefined && !fence.ended);

/** Whether such an old message was processed before is no longer known, so it is refused. */
function checkAge({ id, type }: Envelope, oldest: number | null): void {
  if (oldest === null || timeOfId(id) >= oldest) return;
  const since = new Date(oldest).toISOString();
  throw new UnknownMessage('too_old', `${type} is from before ${since}, which was forgotten`);
}

function checkVersion(envelope: Envelope, handler: Handler): void {
  const known = handler.contract.version;
  if (envelope.version > known) throw new NewerVersion(envelope, known);
  for (let version = envelope.version; version < known; version += 1) {
    if (handler.contract.upcasters[version]) continue;
    throw new UnknownMessage('unknown_version', `no upcaster for ${envelope.type} v${version}`);
  }
}

/** The outcome of one message of a committed batch. */
export interface Result {
  readonly work: Work;
  /** `left`: stays deferred; `unasked`: its external call has not begun, so it is queued again. */
  readonly outcome: Outcome | 'duplicate' | 'left' | 'unasked';
  readonly answer?: unknown;
  /** The decision refused a caller's message: nothing is written for it. */
  readonly error?: unknown;
  readonly ended?: readonly Ended[] | undefined;
  readonly late?: boolean | undefined;
  /** Change of the number of deferred messages on its key. */
  readonly deferredChange: number;
  readonly retryAt?: number;
  /** Deferred because its external call was still pending when the batch was made. */
  readonly calling?: boolean;
  /** A dead letter that blocks its key until an operator acts. */
  readonly held?: true;
}

/** The message stays in the database and blocks the later messages of its key. */
export const waits = ({ outcome, held }: Result): boolean =>
  outcome === 'parked' || outcome === 'left' || held === true;
