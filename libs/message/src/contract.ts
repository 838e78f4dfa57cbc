import type { z } from 'zod';
import { channelOf, type Kind } from './channel.ts';
import { type Codec, useCodec } from './codec.ts';
import { checkData, type Upcasters } from './data.ts';
import { checkHeaders, type Headers } from './headers.ts';

/** `bounded`: five attempts, then a dead letter. `unbounded`: until it succeeds, because giving up would lose money or stock. */
export type RetryPolicy = 'bounded' | 'unbounded';

/** Highest first. Priority applies between messages of different keys and never reorders messages of one key. */
export const priorities = ['critical', 'high', 'normal', 'low'] as const;
export type Priority = (typeof priorities)[number];

export interface ContractOptions<S extends z.ZodType> {
  /** The shape of `data`. Adding an optional field keeps the version; any other change needs a new version. */
  readonly schema: S;
  readonly version?: number;
  /** The partition key: messages of one key are processed in the order in which they were published. */
  readonly key: (data: z.output<S>) => string;
  /** Words added to the routing key, for topic patterns such as `*.placed.*.express.#`. */
  readonly qualifiers?: (data: z.output<S>) => readonly string[];
  /** Flat strings that subscriptions filter on. */
  readonly attributes?: (data: z.output<S>) => Readonly<Record<string, string>>;
  /** Publishers may add headers of their own to its messages. Default: no. */
  readonly headers?: boolean;
  readonly priority?: (data: z.output<S>) => Priority;
  /** Milliseconds until a message expires that names no `expiresAt`; only of announcements and live updates. Default: never. */
  readonly ttl?: number;
  readonly retry?: RetryPolicy;
  /** By n: converts data of version n to version n + 1, so that messages published by older releases can be read. */
  readonly upcasters?: Upcasters;
  /** Only of requests: the answer holds secrets, so it never passes through the server of a broker. */
  readonly confidential?: boolean;
  /** Makes the codec of its messages on the wire from the schema; default JSON. Not for live messages, which have no headers. */
  readonly codec?: (schema: S) => Codec;
  /** One sentence for the generated documents: what has happened, or what is requested. */
  readonly summary: string;
}

/** Per message: `after` delays it by milliseconds from the commit; `expiresAt` is for announcements and live updates only. */
export interface MessageOptions {
  readonly after?: number;
  readonly expiresAt?: string;
  readonly priority?: Priority;
  /**
   * Only where the contract allows them: at most 16, of 4 KiB together, no personal data. They join the attributes of the
   * envelope, so every broker carries them, subscriptions filter on them, and handlers find them in `message.attributes`.
   */
  readonly headers?: Headers;
  /** Distinguishes messages of one type that one decision sends; default: their position in the decision. */
  readonly name?: string;
}

/** A message that is not in an envelope yet: its contract and its data, checked against the schema. */
export interface Message<D = unknown> {
  readonly contract: Contract;
  readonly data: D;
  readonly options: MessageOptions;
}

/** A method because TypeScript compares its parameters both ways: any message is a `Message`, any contract a `Contract`. */
type Make<D> = { make(data: D, options?: MessageOptions): Message<D> }['make'];

/** A message type as a value. Call it to make a message; throws `InvalidMessage` for data that break the schema. */
export interface Contract<D = unknown> extends Make<D> {
  /** Wire name, `context.verb-noun` or `context.past-tense`; never changes once published. */
  readonly type: string;
  readonly version: number;
  readonly kind: Kind;
  /** First word of the type: the service that owns the message, or a stage of its pipeline. */
  readonly context: string;
  /** Where its messages are published: the topic, exchange or SNS topic of its context and kind. */
  readonly channel: string;
  readonly schema: z.ZodType<D>;
  readonly retry: RetryPolicy;
  readonly upcasters: Upcasters;
  /** Milliseconds until a message expires, or null. */
  readonly ttl: number | null;
  readonly confidential: boolean;
  /** Null: JSON. */
  readonly codec: Codec | null;
  readonly summary: string;
  key(data: D): string;
  qualifiers(data: D): readonly string[];
  attributes(data: D): Readonly<Record<string, string>>;
  priority(data: D): Priority | undefined;
}

/** The type of a contract's data. */
export type DataOf<C> = C extends Contract<infer D> ? D : never;

const typeName = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;

function contract<S extends z.ZodType>(
  kind: Kind,
  type: string,
  options: ContractOptions<S>,
): Contract<z.output<S>> {
  if (!typeName.test(type))
    throw new TypeError(`"${type}" is not a message type: use context.name`);
  type D = z.output<S>;
  const make = (data: D, messageOptions: MessageOptions = {}): Message<D> => {
    checkOptions(kind, type, messageOptions);
    const checked = checkData(made, data);
    const { headers } = messageOptions;
    if (headers && !options.headers) throw new TypeError(`${type} takes no headers`);
    if (headers) checkHeaders(type, headers, made.attributes(checked));
    return { contract: made as unknown as Contract, data: checked, options: messageOptions };
  };
  const context = type.slice(0, type.indexOf('.'));
  const made: Contract<D> = Object.assign(make, {
    type,
    kind,
    version: options.version ?? 1,
    context,
    channel: channelOf({ context, kind }),
    schema: options.schema as unknown as z.ZodType<D>,
    retry: options.retry ?? ('bounded' as const),
    upcasters: options.upcasters ?? {},
    ttl: ttlOf(kind, type, options),
    confidential: options.confidential ?? false,
    codec: options.codec?.(options.schema) ?? null,
    summary: options.summary,
    key: options.key,
    qualifiers: options.qualifiers ?? (() => []),
    attributes: options.attributes ?? (() => ({})),
    priority: options.priority ?? (() => undefined),
  });
  if (made.codec) publishBy(made.codec, made);
  return made;
}

function publishBy(
  codec: Codec,
  { type, kind, version }: Pick<Contract, 'type' | 'kind' | 'version'>,
): void {
  if (kind === 'live' || version > 1)
    throw new TypeError(`${type} cannot have a codec: it is live, or has a second version`);
  useCodec(type, codec);
}

/** Not others: a step that expired silently would leave its saga waiting. */
const mayExpire = (kind: Kind): boolean => kind === 'announcement' || kind === 'live';

/** Thirty days. */
const longestTtl = 2_592_000_000;

function ttlOf(kind: Kind, type: string, { ttl }: { readonly ttl?: number }): number | null {
  if (ttl === undefined) return null;
  if (!mayExpire(kind))
    throw new TypeError(`${type} is a ${kind}: only announcements and live updates expire`);
  if (!Number.isInteger(ttl) || ttl < 1 || ttl > longestTtl)
    throw new TypeError(`${type} cannot expire after ${ttl} ms: use 1 to ${longestTtl}`);
  return ttl;
}

function checkOptions(kind: Kind, type: string, options: MessageOptions): void {
  if (options.expiresAt !== undefined && !mayExpire(kind))
    throw new TypeError(`${type} is a ${kind}: only announcements and live updates expire`);
  if (options.after !== undefined && !(options.after >= 0))
    throw new TypeError(`${type} cannot be sent after ${options.after} ms`);
}

type Maker = <S extends z.ZodType>(
  type: string,
  options: ContractOptions<S>,
) => Contract<z.output<S>>;

/** A fact that has happened, for any number of subscribers. */
export const event: Maker = (type, options) => contract('event', type, options);
/** Requests an action from one service, which answers with a reply. */
export const command: Maker = (type, options) => contract('command', type, options);
/** The answer to a command. */
export const reply: Maker = (type, options) => contract('reply', type, options);
/** Work for any free worker. */
export const task: Maker = (type, options) => contract('task', type, options);
/** A fact for many independent groups, which filter it by attributes. */
export const announcement: Maker = (type, options) => contract('announcement', type, options);
/** Raw facts that come in bulk from outside. */
export const activity: Maker = (type, options) => contract('activity', type, options);
/** What is happening now; may be lost. */
export const live: Maker = (type, options) => contract('live', type, options);
/** A query that is answered at once or times out; nothing is stored. */
export const request: Maker = (type, options) => contract('request', type, options);
/** An HTTP call or a timer as a message of its own service: it joins the batches and never leaves the process. */
export const local: Maker = (type, options) => contract('local', type, options);
