import {
  type Contract,
  decode,
  type Envelope,
  MalformedEnvelope,
  readData,
  timeOfId,
} from '@waybill/message';
import type { Delivery, Made } from './broker.ts';
import type { Handler } from './handler.ts';
import type { Fence, Outcome, ParkedRow } from './store.ts';

/** Where a message in hand came from, and whom its commit must tell. */
export type Origin =
  | { readonly from: 'broker'; readonly delivery: Pick<Delivery, 'ack' | 'giveBack'> }
  | { readonly from: 'parked'; readonly row: ParkedRow }
  | { readonly from: 'caller'; resolve(answer: unknown): void; reject(error: unknown): void };

export type Ask =
  | { readonly state: 'none' }
  | { readonly state: 'pending' }
  | { readonly state: 'answered'; readonly answer: unknown }
  | { readonly state: 'failed'; readonly error: unknown };

export const notAsked: Ask = { state: 'none' };

/** The ownership of a shard under which messages are taken; whatever comes after its end is another one. */
export interface Tenure extends Fence {
  ended: boolean;
}

/** One message in hand of one group. */
export interface Work {
  readonly group: string;
  readonly channel: string;
  readonly broker: string;
  readonly body: string;
  readonly bytes: Uint8Array | undefined;
  readonly shard: number;
  /** Null when the bytes are no envelope. */
  readonly envelope: Envelope | null;
  readonly data: unknown;
  readonly handler: Handler | null;
  /** `group/key`: what order and parking hold on. */
  readonly keyId: string;
  /** Milliseconds since the epoch, as `arrivedAt`; earlier than that for one that was parked. */
  readonly firstAt: number;
  readonly arrivedAt: number;
  origin: Origin;
  attempt: number;
  /** Attempts before this one: a batch that is run again counts from here. */
  attemptsBefore: number | undefined;
  /** The ownership of its shard under which it was taken: when that ends, it is another owner's. */
  fence: Tenure | undefined;
  ask: Ask;
  /** Why it cannot be handled whatever its state is: unreadable, unknown type, broken schema. */
  refusal: unknown;
  /** What the database said of it, when its neighbours were cleared of blame. */
  blame: unknown;
  /** When it could first go into a batch; 0 before that. */
  readyAt: number;
  /** Answered once already: decide again only for the caller. */
  seen: boolean;
  /** It came while others of its key were parked, so it was asked nothing and must be parked behind them. */
  behind: boolean;
}

/** No handler of the group may have it: type or version is unknown, its time is over, or the broker gave it up. */
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

/** A newer version of a known type: parked until a release that knows it. */
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

/** Its handling took the process down before. */
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
  readonly shard: number;
  readonly firstAt: number;
  readonly arrivedAt: number;
  readonly attempt: number;
  readonly origin: Origin;
  readonly fence?: Tenure | undefined;
  readonly expired?: boolean | undefined;
  readonly gaveUp?: string | undefined;
  /** Ids from before this moment may have been forgotten. */
  readonly oldest?: number | null;
}

/** Reads what came; never throws: what is wrong becomes the work's `refusal`. */
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
      throw new UnknownMessage('unknown_type', `${source.group} hears no ${envelope.type}`);
    checkVersion(envelope, handler);
    if (source.expired)
      throw new UnknownMessage('expired', `${envelope.type} expired at ${envelope.expiresAt}`);
    checkAge(envelope, source.oldest ?? null);
    data = dataFor(handler.contract, envelope, source.made);
  } catch (error) {
    refusal = error;
  }
  if (source.gaveUp !== undefined) refusal = new UnknownMessage('given_up', source.gaveUp);
  // All fields, always in this order and never by a spread: works of one shape are cheap to make and to read.
  return {
    group: source.group,
    envelope,
    channel: source.channel,
    broker: source.broker,
    body: source.body,
    bytes: source.bytes,
    shard: source.shard,
    data,
    handler,
    keyId: `${source.group}/${envelope?.key ?? ''}`,
    firstAt: source.firstAt,
    arrivedAt: source.arrivedAt,
    origin: source.origin,
    attempt: source.attempt,
    attemptsBefore: undefined,
    fence: source.fence,
    ask: notAsked,
    refusal,
    blame: undefined,
    readyAt: 0,
    seen: false,
    behind: false,
  };
}

/**
 * The data of a message as `contract` reads them; throws `InvalidMessage`. What the same contract has made in this
 * process is not read again.
 */
export const dataFor = (contract: Contract, envelope: Envelope, made: Made | undefined): unknown =>
  made?.contract === contract ? envelope.data : readData(contract, envelope.version, envelope.data);

/** Whether its shard is owned as it was when the message was taken. Callers need no shard. */
export const isOurs = ({ origin, fence }: Work): boolean =>
  origin.from === 'caller' || (fence !== undefined && !fence.ended);

/** Whether it was handled before is no longer known, so it is not handled at all. */
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

/** What becomes of one work of the batch once it is committed. */
export interface Result {
  readonly work: Work;
  /** `left`: stays parked; `unasked`: its ask has not begun, it comes again. */
  readonly outcome: Outcome | 'duplicate' | 'left' | 'unasked';
  readonly answer?: unknown;
  /** A caller's decision refused: nothing is written for it. */
  readonly error?: unknown;
  /** +1 when a row was parked on its key, -1 when one went away. */
  readonly parkedChange: number;
  readonly retryAt?: number;
  /** Parked because its ask still went on when the batch was made. */
  readonly asking?: boolean;
  /** Dead, and its key waits for a person. */
  readonly held?: true;
}

/** The message is parked in the database, and so are those behind it. */
export const waits = ({ outcome, held }: Result): boolean =>
  outcome === 'parked' || outcome === 'left' || held === true;
