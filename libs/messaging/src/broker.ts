import { isUtf8 } from 'node:buffer';
import type { Contract, Envelope, Kind } from '@waybill/message';
import type { Filter } from './handler.ts';
import type { DeadRow } from './store.ts';

/** What an adapter promises; the conformance suite tests exactly the true ones. */
export interface Guarantees {
  /** Survives a crash of publisher, broker and consumer once confirmed. */
  readonly durable: boolean;
  readonly orderedPerKey: boolean;
  readonly replayable: boolean;
  /** It holds a task back for a while: see `Outgoing.delay`. Where no broker does, the outbox waits. */
  readonly delayed: boolean;
  readonly priority: boolean;
  readonly expiry: boolean;
  /** It is a `RequestBroker`. */
  readonly requests: boolean;
}

const guarantees: readonly (keyof Guarantees)[] = [
  'durable',
  'orderedPerKey',
  'replayable',
  'delayed',
  'priority',
  'expiry',
  'requests',
];

/** These guarantees and no others. */
export const guaranteeing = (...kept: readonly (keyof Guarantees)[]): Guarantees =>
  Object.fromEntries(
    guarantees.map((each) => [each, kept.includes(each)]),
  ) as unknown as Guarantees;

/** A message on its way to a broker: `body` are the bytes of `envelope`. */
export interface Outgoing {
  readonly channel: string;
  readonly envelope: Envelope;
  readonly body: string;
  /** Who has made and checked the data of `envelope` in this process; absent where `envelope` was read from `body`. */
  readonly contract?: Contract;
  /** Milliseconds that the broker holds the message first; only of a task, and only where `guarantees.delayed`. */
  readonly delay?: number;
}

/** A message as the contract of its sender has made it: what its bytes would be read as again. */
export interface Made {
  readonly envelope: Envelope;
  readonly contract: Contract;
}

/** A message that a broker hands over. Exactly one of `ack` and `giveBack` is called, once. */
export interface Delivery {
  readonly channel: string;
  readonly body: string;
  /** What came, only where it is no UTF-8 (`bodyText`): such a message must not be handled, and is kept as it came. */
  readonly bytes?: Uint8Array;
  /** What was published, only where it was made in this process: read it instead of `body`, and change nothing in it. */
  readonly made?: Made | undefined;
  readonly shard: number;
  /** True when the broker may have handed it over before. */
  readonly redelivered: boolean;
  /** True when its `expiresAt` had passed before it could be handed over: it must not be handled any more. */
  readonly expired?: true;
  /** Why the broker has given up on it: it is a dead letter and must not be handled. */
  readonly gaveUp?: string;
  /** It is committed, whatever became of it; the broker forgets it. */
  ack(): void;
  /** It was not handled; the broker hands it over again, in its old place. */
  giveBack(): void;
}

/** A body as text. `bytes` are there only where they are no UTF-8: then the text would not give them back. */
export interface BodyText {
  readonly body: string;
  readonly bytes?: Buffer;
}

/** Reads what came. Whoever looks for a character that no message should have finds out at once in most of them. */
export function bodyText(content: Buffer): BodyText {
  const body = content.toString('utf8');
  return body.includes('\ufffd') && !isUtf8(content) ? { body, bytes: content } : { body };
}

/** A contract that a group hears, or a topic pattern (`order.#`, `*.placed.*.express.#`) of a channel. */
export interface Binding {
  readonly channel: string;
  /** AMQP topic pattern over the routing key: `*` is one word, `#` any number. */
  readonly pattern: string;
  readonly filter?: Filter;
}

/** A group exists from the moment it is declared, with or without a consumer: messages wait for it. */
export interface Group {
  readonly name: string;
  readonly kind: Kind;
  /** Fixed when the group is created. */
  readonly shards: number;
  readonly bindings: readonly Binding[];
}

/** The side of a broker that a consumer implements. */
export interface Listener {
  /** Shards of the group are ours from now on; no delivery of them comes before the promise resolves. */
  assigned(shards: readonly number[]): Promise<void>;
  /** Shards are no longer ours: deliveries in hand may still be acked or dropped. */
  revoked(shards: readonly number[]): void;
  deliver(delivery: Delivery): void;
}

export const defaultPrefetch = 400;

export interface SubscribeOptions {
  /** How many deliveries may be unsettled at once; default 400. */
  readonly prefetch?: number;
}

export interface ObserveOptions {
  /**
   * Called when the observer hears from now on and may have missed what came before: its first subscription was on its
   * way, or a connection broke and is back. A broker in the process never calls it.
   */
  readonly onGap?: () => void;
}

/** Told once of each message that was published; without an error when the broker has it for good. */
export type Settled = (id: string, error?: Error) => void;

/** Kinds that somebody must hear: such a message is refused where no group does. Facts may have no listener. */
export const mustBeHeard: ReadonlySet<Kind> = new Set(['command', 'task', 'reply']);

export interface ChannelStats {
  readonly channel: string;
  readonly group: string;
  readonly depth: number;
  readonly inFlight: number;
  readonly oldestMs: number;
  readonly published: number;
  readonly delivered: number;
  readonly acked: number;
}

/**
 * A broker: at least once to every declared group that a message matches. Order per key holds where
 * `guarantees.orderedPerKey`. `publish` never throws for one message: it reports each by `settled`.
 */
export interface Broker {
  readonly name: string;
  readonly guarantees: Guarantees;
  /** Bytes of a body that it takes; larger ones need `claimChecked`. Infinity where it has no limit. */
  readonly largest: number;
  /** Creates groups and their bindings, or checks them; safe to call again. */
  declare(groups: readonly Group[]): Promise<void>;
  /**
   * Takes messages in the given order. `settled(id)` means that the broker has them for good, `settled(id,
   * error)` that it does not, or may not.
   */
  publish(messages: readonly Outgoing[], settled: Settled): void;
  /** Starts to deliver a declared group; the returned function stops it and gives back what is in hand. */
  subscribe(
    group: string,
    listener: Listener,
    options?: SubscribeOptions,
  ): Promise<() => Promise<void>>;
  /** At most once, to every current listener of the pattern: live updates and audits. */
  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    options?: ObserveOptions,
  ): () => void;
  /**
   * Dead letters of its groups, now that they are safely stored: it may show copies to those who look at its server. Best
   * effort; never throws.
   */
  buried?(letters: readonly DeadRow[]): void;
  stats(): Promise<readonly ChannelStats[]>;
  /** How it stands with its server, for health; `connecting` also before its first use. Not where there is no server. */
  state?(): 'connected' | 'connecting' | 'blocked' | 'closed';
  close(): Promise<void>;
}

/** A broker that carries questions and their answers too; nothing of them is stored. */
export interface RequestBroker extends Broker {
  /** Answers requests of one type from now on. */
  respond(
    contract: Contract,
    answer: (data: unknown) => Promise<unknown>,
  ): Promise<() => Promise<void>>;
  /** Asks whoever responds; rejects with `RequestTimedOut` after `deadline` milliseconds. */
  request(envelope: Envelope, deadline: number): Promise<unknown>;
  /** Asks everybody who responds; resolves when `expected` have answered or `deadline` has passed. */
  gather(envelope: Envelope, deadline: number, expected: number): Promise<readonly unknown[]>;
}

export const carriesRequests = (broker: Broker): broker is RequestBroker =>
  broker.guarantees.requests;

/** Nobody answered a request in time. */
export class RequestTimedOut extends Error {
  readonly code = 'request_timed_out';
  constructor(type: string, deadline: number) {
    super(`nobody answered ${type} within ${deadline} ms`);
    this.name = 'RequestTimedOut';
  }
}

/** The broker takes no more for now; the sender waits and tries again. */
export class BrokerFull extends Error {
  readonly code = 'broker_full';
  readonly countsAsAttempt = false;
  constructor(group: string, size: number) {
    super(`group ${group} is full: ${size} messages wait`);
    this.name = 'BrokerFull';
  }
}

/** The server of a broker does not answer for now; what was on its way may or may not be stored. */
export class BrokerAway extends Error {
  readonly code = 'broker_away';
  readonly countsAsAttempt = false;
  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason}`);
    this.name = 'BrokerAway';
  }
}

/** No declared group hears a message that somebody must hear. */
export class Unroutable extends Error {
  readonly code = 'unroutable';
  constructor(type: string, channel: string) {
    super(`no group on ${channel} hears ${type}`);
    this.name = 'Unroutable';
  }
}

/** The broker is closed; what it had not confirmed is not safe with it. */
export class BrokerClosed extends Error {
  readonly code = 'broker_closed';
  readonly countsAsAttempt = false;
  constructor(broker: string) {
    super(`broker ${broker} is closed`);
    this.name = 'BrokerClosed';
  }
}

/** Whoever answered a request said no; `answerCode` is the code of the error on the other side. */
export class RequestRefused extends Error {
  readonly code = 'request_refused';
  constructor(
    type: string,
    reason: string,
    readonly answerCode: string | null,
    readonly retriable: boolean,
  ) {
    super(`${type} was refused: ${reason}`);
    this.name = 'RequestRefused';
  }
}

/** None of the brokers carries requests. */
export class RequestsNotCarried extends Error {
  readonly code = 'requests_not_carried';
  readonly retriable = false;
  constructor(type: string, broker: string) {
    super(`${type} cannot be asked over ${broker}, which carries no requests: ask by gRPC`);
    this.name = 'RequestsNotCarried';
  }
}
