import { type Contract, type Envelope, type Kind, newId, request } from '@waybill/message';
import { z } from 'zod';
import {
  type Binding,
  type Broker,
  BrokerClosed,
  carriesRequests,
  type Outgoing,
  type RequestBroker,
} from '../../broker.ts';
import { type ClaimCheckOptions, claimChecked } from '../../claim-check/claim-checked.ts';
import { Probe } from './probe.ts';

/** A broker as the suite receives it: fresh for each test, with the controls that a test of time needs. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  /** A broker of the same kind that shares nothing with the first. */
  readonly stranger: Broker;
  /** How many messages a group holds before it refuses more; needed for the promise `bounded`. */
  readonly size: number;
  /** Milliseconds after which an unsettled delivery is delivered again; needed for the promise `visibility`. */
  readonly visibilityTimeout: number;
  /** The channel of the tests; default `shop.events`. A broker may promise less on other kinds of channels. */
  readonly channel?: string;
  /** How many messages of one key a consumer may hold unsettled; absent: no limit. */
  readonly inHandOfKey?: number;
  /** The time that the broker sees. */
  now(): Date;
  /** Advances that time; a real broker needs a real wait. */
  pass(ms: number): Promise<void>;
  /**
   * Resolves when everything that needs no time to pass has happened. On a real broker: after
   * a while, long enough that an unexpected message would have arrived.
   */
  quiet(): Promise<void>;
  /** Another broker object of the same namespace, as in another process; needed for `several`. */
  another?(): Promise<Broker>;
  /**
   * Does to a broker from `another` what a `kill -9` of its process does: its connections drop
   * without a shutdown, and it does not come back. Needed for `survives`.
   */
  crash?(broker: Broker): Promise<void>;
  /** Breaks every connection of `broker` once; later connections work. Needed for `heals`. */
  cutConnections?(): Promise<void>;
  /**
   * From now on the broker receives what `broker` sends, but its responses are lost, until the
   * returned function is called, which breaks the connections. Needed for `unknown`.
   */
  loseAnswers?(): Promise<() => Promise<void>>;
  /** Closes all brokers, whatever is still unsettled. */
  end(): Promise<void>;
}

/** How a message of a test differs from an ordinary one. */
export interface Draft extends Partial<Omit<Envelope, 'data'>> {
  readonly body?: string;
  readonly channel?: string;
}

/** The results that the broker reported for the messages of one `publish`. */
export class Sent {
  readonly told: { readonly id: string; readonly error: Error | undefined }[] = [];
  private readonly waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  tell(id: string, error?: Error): void {
    this.told.push({ id, error });
    for (const { count, resolve } of this.waiting) if (this.told.length >= count) resolve();
  }

  /** Resolves when `count` messages are settled, with an error or not; returns the codes of their errors. */
  async settled(count: number): Promise<readonly string[]> {
    if (this.told.length < count) {
      await new Promise<void>((resolve) => this.waiting.push({ count, resolve }));
    }
    return this.told.map(({ error }) => (error ? (error as Error & { code: string }).code : 'ok'));
  }
}

/** The request of the tests of `request` and `respond`. */
export const Double: Contract<{ n: number }> = request('shop.double', {
  summary: 'Twice a number.',
  schema: z.strictObject({ n: z.int() }),
  key: () => 'double',
});

/** Groups, messages and consumers of one test. */
export class Scene {
  readonly channel: string;

  /** `life` is that of the test: waits end when it is over. */
  constructor(
    readonly under: BrokerUnderTest,
    readonly life: { over: boolean } = { over: false },
  ) {
    this.channel = under.channel ?? 'shop.events';
  }

  get broker(): Broker {
    return this.under.broker;
  }

  /** Its broker as one that carries requests; throws a `TypeError` if it does not. */
  get requests(): RequestBroker {
    if (carriesRequests(this.broker)) return this.broker;
    throw new TypeError(`${this.broker.name} carries no requests`);
  }

  /** The same scene with large bodies going through a blob store. */
  withBlobs(options: ClaimCheckOptions): Scene {
    return new Scene({ ...this.under, broker: claimChecked(this.broker, options) }, this.life);
  }

  /** Declares a group; without bindings it subscribes to everything on the channel. */
  group(
    name: string,
    options: { kind?: Kind; partitions?: number; bindings?: readonly Partial<Binding>[] } = {},
  ): Promise<void> {
    const bindings = (options.bindings ?? [{}]).map((binding) => ({
      channel: this.channel,
      pattern: '#',
      ...binding,
    }));
    const { kind = 'event', partitions = 4 } = options;
    return this.broker.declare([{ name, kind, partitions, bindings }]);
  }

  /** A message whose body is its name, unless the draft says otherwise. */
  message(name: string, draft: Draft = {}): Outgoing {
    const { body = name, channel = this.channel, ...envelope } = draft;
    const id = newId();
    return {
      channel,
      body,
      envelope: {
        id,
        type: 'order.placed',
        version: 1,
        kind: 'event',
        occurredAt: this.under.now().toISOString(),
        key: name,
        correlationId: id,
        causationId: null,
        traceparent: null,
        priority: 'normal',
        expiresAt: null,
        source: 'shop',
        sequence: null,
        attributes: {},
        routingKey: 'order.placed.v1',
        data: { name },
        ...envelope,
      },
    };
  }

  /** Messages of one key, named in order. */
  series(key: string, count: number, draft: Draft = {}): readonly Outgoing[] {
    return Array.from({ length: count }, (_, n) =>
      this.message(`${key}-${n + 1}`, { ...draft, key }),
    );
  }

  publish(...messages: readonly Outgoing[]): Sent {
    const sent = new Sent();
    this.broker.publish(messages, (id, error) => sent.tell(id, error));
    return sent;
  }

  /** Publishes each message until the broker has it, because a busy server may refuse one for a moment. */
  store(...messages: readonly Outgoing[]): void {
    const byId = new Map(messages.map((message) => [message.envelope.id, message]));
    this.broker.publish(messages, (id, error) => {
      const message = byId.get(id);
      if (error && message && !(error instanceof BrokerClosed)) this.store(message);
    });
  }

  /** A consumer that acks its deliveries. */
  consumer(group: string, prefetch?: number): Promise<Probe> {
    return this.subscribe(group, new Probe(true), prefetch);
  }

  /** A consumer that holds its deliveries until the test settles them. */
  holder(group: string, prefetch?: number): Promise<Probe> {
    return this.subscribe(group, new Probe(false), prefetch);
  }

  async subscribe(group: string, probe: Probe, prefetch?: number): Promise<Probe> {
    const options = prefetch === undefined ? {} : { prefetch };
    return probe.subscribedBy(await this.broker.subscribe(group, probe, options));
  }

  /** How many of `wanted` messages of one key a consumer receives before it settles one. */
  inHand(wanted: number): number {
    return Math.min(wanted, this.under.inHandOfKey ?? wanted);
  }

  /** The same groups and channel, in another process. */
  async elsewhere(): Promise<Scene> {
    const { another } = this.under;
    if (!another) throw new TypeError('this test needs BrokerUnderTest.another');
    return new Scene({ ...this.under, broker: await another.call(this.under) }, this.life);
  }

  /** Kills the process of a scene from `elsewhere`. */
  async crash(other: Scene): Promise<void> {
    const { crash } = this.under;
    if (!crash) throw new TypeError('this test needs BrokerUnderTest.crash');
    await crash.call(this.under, other.broker);
  }

  /** Breaks the connections of this scene's broker once. */
  async cutConnections(): Promise<void> {
    const { cutConnections } = this.under;
    if (!cutConnections) throw new TypeError('this test needs BrokerUnderTest.cutConnections');
    await cutConnections.call(this.under);
  }

  /** Loses the broker's responses until the returned function is called. */
  async loseAnswers(): Promise<() => Promise<void>> {
    const { loseAnswers } = this.under;
    if (!loseAnswers) throw new TypeError('this test needs BrokerUnderTest.loseAnswers');
    return loseAnswers.call(this.under);
  }

  /** Resolves when a fact holds; the timeout of the test is the limit. */
  async until(fact: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await fact())) await this.pause(5);
  }

  /** Publishes until the broker has every message, in order, like a sender with an outbox. */
  async publishUntilConfirmed(...messages: readonly Outgoing[]): Promise<void> {
    let left = messages;
    while (left.length > 0) {
      const sent = this.publish(...left);
      await sent.settled(left.length);
      const done = new Set(sent.told.filter(({ error }) => !error).map(({ id }) => id));
      const first = left.findIndex(({ envelope }) => !done.has(envelope.id));
      left = first === -1 ? [] : left.slice(first);
      if (left.length > 0) await this.pause(50);
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.life.over) throw new Error('the test is over');
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
}
