import { setTimeout as pause } from 'node:timers/promises';
import { Brokers, type Clock, type OutboxRow } from '@waybill/messaging';
import type { Pool } from 'pg';
import { PgStore } from '../pg-store.ts';
import { OutboxRelay } from '../relay/outbox-relay.ts';
import { batchOf } from './orders.fixture.ts';
import type { TestDatabase } from './test-database.ts';
import { type Unruliness, UnrulyBroker } from './unruly-broker.fixture.ts';

export interface UnrulyWorld extends Unruliness {
  readonly database: TestDatabase;
  readonly random: () => number;
  readonly exclusive: boolean;
  /** Milliseconds. */
  readonly now: () => number;
  /** Waits for a short random time, or not at all. */
  readonly jitter: () => Promise<void>;
  readonly tell: (what: string) => void;
}

/** The outbox side of a service process: it commits one batch after another and publishes their messages. */
export class UnrulyProcess {
  readonly relay: OutboxRelay;
  readonly brokers: readonly UnrulyBroker[];
  state: 'running' | 'frozen' | 'closed' | 'dead' = 'running';
  isStarted = false;
  private isCommitting = false;
  private hasUnknownOutcome = false;
  private timers: { readonly at: number; readonly run: () => void }[] = [];
  private asleep: (() => void)[] = [];
  private readonly store: PgStore;

  constructor(
    private readonly world: UnrulyWorld,
    readonly name: string,
  ) {
    const { random, exclusive, database } = world;
    const kafka = new UnrulyBroker('kafka', world);
    const rabbitmq = new UnrulyBroker('rabbitmq', world);
    this.brokers = [kafka, rabbitmq];
    this.store = new PgStore(database.pool, database.tables);
    this.relay = new OutboxRelay({
      pool: this.slow(database.pool),
      brokers: new Brokers(
        new Map([
          ['event', kafka],
          ['command', rabbitmq],
        ]),
      ),
      clock: this.clock(),
      random,
      exclusive,
      window: 1 + Math.floor(random() * 8),
      maxWaiting: random() < 0.5 ? 1 + Math.floor(random() * 30) : 10_000,
    });
    this.relay.start().then(
      () => {
        this.isStarted = true;
      },
      () => undefined,
    );
  }

  get isAlive(): boolean {
    return this.state === 'running' || this.state === 'frozen';
  }

  get canCommit(): boolean {
    return this.state === 'running' && !this.isCommitting;
  }

  /** Runs timers that have fired; while the process is frozen, they wait until it continues. */
  tick(): void {
    while (this.state === 'running' || this.state === 'closed') {
      const [next] = this.timers
        .filter(({ at }) => at <= this.world.now())
        .sort((a, b) => a.at - b.at);
      if (!next) return;
      this.timers = this.timers.filter((timer) => timer !== next);
      next.run();
    }
  }

  /** `ended` is called at once for each commit that stored something; the relay learns of it later, or never. */
  async commit(
    rows: readonly OutboxRow[],
    ended: (seqs: readonly number[]) => void,
  ): Promise<void> {
    const { relay, world, store } = this;
    this.isCommitting = true;
    const confirmed = relay.takeConfirmed();
    if (world.chance(0.05)) {
      await world.database.pool.query(
        `select nextval('outbox_seq_seq') from generate_series(1, 2)`,
      );
      relay.restore(confirmed);
      ended([]);
    } else {
      const { outboxSeqs } = await store.commit(batchOf({ outbox: rows, confirmed }));
      ended(outboxSeqs);
      await world.jitter();
      await this.isAwake();
      this.answered(rows, outboxSeqs, confirmed);
    }
    this.isCommitting = false;
  }

  freeze(): void {
    this.state = 'frozen';
    this.world.tell(`${this.name} stands still`);
  }

  thaw(): void {
    this.state = 'running';
    this.world.tell(`${this.name} goes on`);
    if (this.world.random() < 0.5) this.tick();
    for (const wake of this.asleep.splice(0)) wake();
  }

  async crash(): Promise<void> {
    this.world.tell(`${this.name} dies`);
    this.state = 'dead';
    for (const broker of this.brokers) broker.isCut = true;
    await this.relay['wakeup'].close();
  }

  /** Ends the connection that proves that the process is alive. */
  async loseConnection(): Promise<void> {
    this.world.tell(`${this.name} loses its connection`);
    await this.world.database.pool.query(
      `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
        and ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)`,
      [this.relay.owner],
    );
  }

  async close(): Promise<void> {
    this.world.tell(`${this.name} closes`);
    this.state = 'closed';
    await this.relay.close(300);
    for (const broker of this.brokers) broker.isCut = true;
  }

  /** What the process still holds; must be zero at the end. */
  inHand(): number {
    const { queued, inFlight, confirmed } = this.relay.stats();
    return queued + inFlight + confirmed + this.relay['confirmed'].heldPages().length;
  }

  /** The response of a commit may be lost. */
  private answered(
    rows: readonly OutboxRow[],
    seqs: readonly number[],
    confirmed: ReturnType<OutboxRelay['takeConfirmed']>,
  ): void {
    if (this.world.chance(0.08)) {
      this.world.tell(`${this.name} is in doubt`);
      this.relay.restore(confirmed);
      this.hasUnknownOutcome = true;
      return;
    }
    if (this.hasUnknownOutcome) this.relay.missed();
    this.hasUnknownOutcome = false;
    this.world.tell(`${this.name} offers ${seqs}`);
    this.relay.offer(rows, seqs);
  }

  private clock(): Clock {
    return {
      now: () => new Date(this.world.now()),
      after: (ms, run) => {
        const timer = { at: this.world.now() + ms, run };
        this.timers.push(timer);
        return () => {
          this.timers = this.timers.filter((each) => each !== timer);
        };
      },
    };
  }

  private isAwake(): Promise<void> {
    if (this.state === 'dead') return Promise.reject(new Error('dead'));
    if (this.state !== 'frozen') return Promise.resolve();
    return new Promise((resolve) => this.asleep.push(resolve));
  }

  private slow(pool: Pool): Pool {
    const query = async (...args: unknown[]) => {
      await this.world.jitter();
      await this.isAwake();
      // What was sent is executed, also if the process dies meanwhile.
      if (this.world.chance(0.05)) await pause(25);
      const answer = await (pool.query as (...args: unknown[]) => Promise<unknown>)(...args);
      await this.world.jitter();
      await this.isAwake();
      return answer;
    };
    return { query, connect: () => pool.connect() } as unknown as Pool;
  }
}
