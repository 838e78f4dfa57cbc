import {
  type Batch,
  type Broker,
  Consumer,
  type ConsumerOptions,
  type Handler,
  type Listener,
  oneBroker,
  type Store,
} from '@waybill/messaging';
import type { HandClock, MemoryStore } from '@waybill/messaging/testing';

/** What replicas of one service share, and their faults. */
export interface ReplicaGround {
  readonly broker: Broker;
  readonly store: MemoryStore;
  readonly clock: HandClock;
  readonly random: () => number;
  readonly options?: Partial<ConsumerOptions>;
  /** May throw: before the commit, or after it, which makes its outcome unknown. */
  readonly fault: (when: 'before' | 'after') => void;
  /** After how many milliseconds the database executes a commit that is not answered; undefined: at once, and it is answered. */
  readonly late?: () => number | undefined;
}

/**
 * One process of a service, which a test can freeze: it then neither calls nor receives anything, and its broker
 * gives its partitions away. After a thaw it first continues as if nothing had happened, then receives those events.
 */
export class Replica {
  readonly consumer: Consumer;
  private gate: Promise<void> | null = null;
  private open: () => void = () => undefined;
  private unsubscribed: (() => void)[] = [];
  private readonly joins: (() => Promise<() => Promise<void>>)[] = [];
  private leaves: (() => Promise<void>)[] = [];

  constructor(
    private readonly ground: ReplicaGround,
    handlers: readonly Handler[],
  ) {
    const { clock, random, options } = ground;
    this.consumer = new Consumer({
      service: 'shop',
      store: this.store(),
      relay: {
        offer: () => undefined,
        announce: () => undefined,
        takeConfirmed: () => [],
        restore: () => undefined,
        route: () => ({ broker: 'embedded', outboxPartition: 0, own: true }),
      },
      brokers: oneBroker(this.broker()),
      handlers,
      clock,
      random,
      ...options,
    });
  }

  get isFrozen(): boolean {
    return this.gate !== null;
  }

  async start(): Promise<this> {
    await this.consumer.start();
    return this;
  }

  /** `found`: its broker notices that it is gone. Otherwise the broker does not. */
  freeze(found: boolean): void {
    this.gate = new Promise((resolve) => {
      this.open = resolve;
    });
    if (found) for (const leave of this.leaves.splice(0)) void leave();
  }

  /** Continues; `quiet` runs before it receives what happened meanwhile, and rejoins its groups. */
  async thaw(quiet: () => Promise<void>): Promise<void> {
    this.gate = null;
    this.open();
    await quiet();
    while (this.unsubscribed[0]) {
      this.unsubscribed[0]();
      this.unsubscribed.shift();
    }
    if (this.leaves.length === 0)
      for (const join of this.joins) void join().then((leave) => this.leaves.push(leave));
  }

  /** Leaves its groups and joins them again, like a client that lost its connection. */
  async rejoin(): Promise<void> {
    for (const leave of this.leaves.splice(0)) void leave();
    for (const join of this.joins) void join().then((leave) => this.leaves.push(leave));
  }

  private async passing<T>(call: () => Promise<T>): Promise<T> {
    if (this.gate) await this.gate;
    const answer = await call();
    if (this.gate) await this.gate;
    return answer;
  }

  private store(): Store {
    const { store, fault, clock, late = () => undefined } = this.ground;
    return {
      load: (refs) => this.passing(() => store.load(refs)),
      commit: (batch: Batch) =>
        this.passing(async () => {
          fault('before');
          const ms = late();
          if (ms !== undefined) {
            clock.after(ms, () => void store.commit(batch).catch(() => undefined));
            throw Object.assign(new Error('no answer'), { code: '08006' });
          }
          const committed = await store.commit(batch);
          fault('after');
          return committed;
        }),
      commitLocked: (refs, make) => this.passing(() => store.commitLocked(refs, make)),
      failure: (error) => store.failure(error),
      own: (group, partitions) => this.passing(() => store.own(group, partitions)),
      renew: (fences) => this.passing(() => store.renew(fences)),
      deferredKeys: (group, partitions) =>
        this.passing(() => store.deferredKeys(group, partitions)),
      due: (group, partitions, limit) => this.passing(() => store.due(group, partitions, limit)),
      deferredOf: (group, key, limit) => this.passing(() => store.deferredOf(group, key, limit)),
    };
  }

  private broker(): Broker {
    const { broker } = this.ground;
    return Object.assign(Object.create(broker) as Broker, {
      name: broker.name,
      subscribe: async (group: string, listener: Listener) => {
        const join = () => broker.subscribe(group, this.hearing(listener), { prefetch: 8 });
        this.joins.push(join);
        this.leaves.push(await join());
        return () => Promise.resolve();
      },
    });
  }

  private hearing(listener: Listener): Listener {
    const receive = (tell: () => void): void => {
      if (this.gate || this.unsubscribed.length > 0) this.unsubscribed.push(tell);
      else tell();
    };
    return {
      assigned: (partitions) =>
        new Promise((resolve) => {
          receive(() => resolve(listener.assigned(partitions)));
        }),
      revoked: (partitions) => receive(() => listener.revoked(partitions)),
      deliver: (delivery) => receive(() => listener.deliver(delivery)),
    };
  }
}
