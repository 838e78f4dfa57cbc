import { isUtf8 } from 'node:buffer';
import type { Contract, Envelope, Kind } from '@waybill/message';
import type { BrokerOperations } from './broker-operations.ts';
import type { Filter } from './handler.ts';
import type { DeadRow } from './store.ts';
import type { WireBody } from './wire/wire-body.ts';

/** What an adapter guarantees; the conformance suite tests exactly the guarantees that are true. */
export interface Guarantees {
  /** A confirmed message survives a crash of publisher, broker and consumer. */
  readonly durable: boolean;
  readonly orderedPerKey: boolean;
  readonly replayable: boolean;
  readonly priority: boolean;
  readonly expiry: boolean;
  /** The broker is a `RequestBroker`. */
  readonly requests: boolean;
}

const guarantees: readonly (keyof Guarantees)[] = [
  'durable',
  'orderedPerKey',
  'replayable',
  'priority',
  'expiry',
  'requests',
];

/** The named guarantees are true, all others false. */
export const guaranteeing = (...kept: readonly (keyof Guarantees)[]): Guarantees =>
  Object.fromEntries(
    guarantees.map((each) => [each, kept.includes(each)]),
  ) as unknown as Guarantees;

/** A message to publish; `body` holds the bytes of `envelope`. */
export interface Outgoing {
  readonly channel: string;
  readonly envelope: Envelope;
  readonly body: string;
  /** The contract that made and checked the data of `envelope` in this process; absent if `envelope` was read from `body`. */
  readonly contract?: Contract;
  /** The bytes to send instead of `body`, which they stand for; absent: `body` itself. */
  readonly wire?: WireBody;
}

/** An envelope, and the contract that made its data: the same as decoding its bytes would give. */
export interface Made {
  readonly envelope: Envelope;
  readonly contract: Contract;
}

/** What is known of earlier tries of a message that failed. */
export interface Tried {
  readonly attempts: number;
  /** When it first came; ISO 8601. */
  readonly firstAt: string;
}

/** A delivered message. The consumer calls exactly one of `ack`, `giveBack` and `retryAfter`, once. */
export interface Delivery {
  readonly channel: string;
  readonly body: string;
  /** The received bytes, only if they are not UTF-8 (`bodyText`): the message must not be handled, and is stored as it came. */
  readonly bytes?: Uint8Array;
  /** The published object, only if it was made in this process: read it instead of `body`, and do not modify it. */
  readonly made?: Made | undefined;
  readonly partition: number;
  /** True if the broker may have delivered it before. */
  readonly redelivered: boolean;
  /** True if its `expiresAt` had passed before delivery: it must not be handled. */
  readonly expired?: true;
  /** Why the broker gave the message up: it must be dead-lettered, not handled. */
  readonly gaveUp?: string;
  /** The outcome of the message is committed, whatever it is; the broker forgets the message. */
  ack(): void;
  /** The message was not handled; the broker delivers it again, in its old place. */
  giveBack(): void;
  /** Of a message that comes from a retry queue. */
  readonly tried?: Tried;
  /**
   * The message failed: it waits in a retry queue and comes again after `ms` milliseconds at the earliest, behind later messages of its
   * key. Rejects if the broker did not store it; then it is still unsettled. Absent without retry queues.
   */
  retryAfter?(ms: number, tried: Tried): Promise<void>;
}

/** A body as text. `bytes` is present only if the body is not UTF-8, because the text cannot restore it. */
export interface BodyText {
  readonly body: string;
  readonly bytes?: Buffer;
}

/** Decodes a received body. Only text with a replacement character needs the full UTF-8 check. */
export function bodyText(content: Buffer): BodyText {
  const body = content.toString('utf8');
  return body.includes('\ufffd') && !isUtf8(content) ? { body, bytes: content } : { body };
}

/** The size of a received body, in bytes. */
export const bytesOf = ({ body, bytes }: Pick<Delivery, 'body' | 'bytes'>): number =>
  bytes?.byteLength ?? Buffer.byteLength(body);

/** What a group subscribes to: a contract, or a topic pattern (`order.#`, `*.placed.*.express.#`) of a channel. */
export interface Binding {
  readonly channel: string;
  /** AMQP topic pattern over the routing key: `*` is one word, `#` any number of words. */
  readonly pattern: string;
  readonly filter?: Filter;
}

/** A consumer group. It exists once it is declared, with or without a consumer: messages wait for it. */
export interface Group {
  readonly name: string;
  readonly kind: Kind;
  /** Fixed when the group is created. */
  readonly partitions: number;
  readonly bindings: readonly Binding[];
}

/** What a consumer implements to receive deliveries. */
export interface Listener {
  /** The consumer now owns these partitions; none of their messages is delivered before the promise resolves. */
  assigned(partitions: readonly number[]): Promise<void>;
  /** The consumer no longer owns these partitions: their unsettled deliveries may still be acked or dropped. */
  revoked(partitions: readonly number[]): void;
  deliver(delivery: Delivery): void;
}

/** The `prefetch` of a subscription that names none. */
export const defaultPrefetch = 400;

/** Options of one subscription to a group. */
export interface SubscribeOptions {
  /** The most unsettled deliveries at once; default 400. */
  readonly prefetch?: number;
}

/** Options of one observer. */
export interface ObserveOptions {
  /** Called when it may have missed messages: after its first subscription or a reconnect. Never by an in-process broker. */
  readonly onGap?: () => void;
}

/** Called once per published message: without an error if the broker has it durably, with one if it may not have. */
export type Settled = (id: string, error?: Error) => void;

/** Kinds that need a subscriber: such a message is refused if no group subscribes to it. Facts may have none. */
export const needsSubscriber: ReadonlySet<Kind> = new Set(['command', 'task', 'reply']);

/** What waits for a group in one of its partitions. Offsets are null where the broker does not number messages. */
export interface PartitionStats {
  readonly partition: number;
  readonly depth: number;
  /** The offset that the group consumes next. */
  readonly offset: number | null;
  /** The offset after the last message. */
  readonly end: number | null;
}

/** Counts of a group; `oldestMs` is the age of its oldest message, as far as the broker knows it. */
export interface ChannelStats {
  /** The channels that share the counts: one, or all of the group where they come through its queue. */
  readonly channels: readonly string[];
  readonly group: string;
  readonly depth: number;
  readonly inFlight: number;
  readonly oldestMs: number;
  readonly published: number;
  readonly delivered: number;
  readonly acked: number;
  /** Subscriptions to the group, in all processes; absent where the broker does not know. */
  readonly consumers?: number;
  /** Absent where the broker counts only the whole group. */
  readonly partitions?: readonly PartitionStats[];
}

/**
 * Delivers at least once to every declared group that a message matches, in order per key where
 * `guarantees.orderedPerKey`. `publish` never throws for one message: it reports each through `settled`.
 */
export interface Broker {
  readonly name: string;
  readonly guarantees: Guarantees;
  /** The largest body in bytes, before it is compressed; larger ones need `claimChecked`. Infinity: no limit. */
  readonly largest: number;
  /** It compresses what it is sent by itself, so `claimChecked` compresses no body for it; default false. */
  readonly compresses?: boolean;
  /** Creates groups and their bindings, or checks existing ones; safe to repeat. */
  declare(groups: readonly Group[]): Promise<void>;
  /** Publishes in the given order. `settled(id)`: the broker has the message durably; with an error: it may not have it. */
  publish(messages: readonly Outgoing[], settled: Settled): void;
  /** Starts deliveries to a declared group; the returned function stops them and gives back unsettled messages. */
  subscribe(
    group: string,
    listener: Listener,
    options?: SubscribeOptions,
  ): Promise<() => Promise<void>>;
  /** At most once, to every current observer of the pattern: for live updates and audits. */
  observe(
    pattern: string,
    listener: (envelope: Envelope) => void,
    options?: ObserveOptions,
  ): () => void;
  /**
   * Called with dead letters of its groups after they are stored durably, so that the broker
   * can show copies on its server. Best effort; never throws.
   */
  deadLettered?(letters: readonly DeadRow[]): void;
  /** Of the named groups, or of all that it knows. */
  stats(groups?: ReadonlySet<string>): Promise<readonly ChannelStats[]>;
  /** What operators may do with its messages; absent where it stores none. */
  readonly operations?: BrokerOperations;
  /** State of the connection, for the health check; `connecting` also before its first use. Absent without a server. */
  state?(): 'connected' | 'connecting' | 'blocked' | 'closed';
  close(): Promise<void>;
}

/** A broker that also carries requests and their answers, without storing them. */
export interface RequestBroker extends Broker {
  /** Answers requests of one type until the returned function is called; with `name`, only those that are sent to that name. */
  respond(
    contract: Contract,
    answer: (data: unknown) => Promise<unknown>,
    name?: string,
  ): Promise<() => Promise<void>>;
  /**
   * Sends a request to one responder, with `name` to one of that name. Rejects with `RequestTimedOut` after
   * `deadline` milliseconds; an answer that comes later is dropped.
   */
  request(envelope: Envelope, deadline: number, name?: string): Promise<unknown>;
}

/** Whether a broker carries requests, by its guarantees. */
export const carriesRequests = (broker: Broker): broker is RequestBroker =>
  broker.guarantees.requests;

/** A request was not answered before its deadline. */
export class RequestTimedOut extends Error {
  readonly code = 'request_timed_out';
  constructor(type: string, deadline: number) {
    super(`nobody answered ${type} within ${deadline} ms`);
    this.name = 'RequestTimedOut';
  }
}

/** The broker accepts no more messages for now; the sender retries, and no attempt is counted. */
export class BrokerFull extends Error {
  readonly code = 'broker_full';
  readonly countsAsAttempt = false;
  constructor(group: string, size: number) {
    super(`group ${group} is full: ${size} messages wait`);
    this.name = 'BrokerFull';
  }
}

/** The broker's server does not respond; messages in flight may or may not be stored. No attempt is counted. */
export class BrokerAway extends Error {
  readonly code = 'broker_away';
  readonly countsAsAttempt = false;
  constructor(setting: string, reason: string) {
    super(`${setting}: ${reason}`);
    this.name = 'BrokerAway';
  }
}

/** No declared group subscribes to a message that needs a subscriber. */
export class Unroutable extends Error {
  readonly code = 'unroutable';
  constructor(type: string, channel: string) {
    super(`no group on ${channel} subscribes to ${type}`);
    this.name = 'Unroutable';
  }
}

/** The broker is closed; messages that it had not confirmed may be lost. No attempt is counted. */
export class BrokerClosed extends Error {
  readonly code = 'broker_closed';
  readonly countsAsAttempt = false;
  constructor(broker: string) {
    super(`broker ${broker} is closed`);
    this.name = 'BrokerClosed';
  }
}

/** A responder refused the request; `answerCode` is the code of its error. */
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

/** No broker of this process carries requests. */
export class RequestsNotCarried extends Error {
  readonly code = 'requests_not_carried';
  readonly retriable = false;
  constructor(type: string, broker: string) {
    super(`${type} cannot be asked over ${broker}, which carries no requests: ask by gRPC`);
    this.name = 'RequestsNotCarried';
  }
}
