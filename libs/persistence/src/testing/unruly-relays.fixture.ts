import { setTimeout as pause } from 'node:timers/promises';
import { newId } from '@waybill/message';
import type { OutboxRow } from '@waybill/messaging';
import { outboxRow } from './orders.fixture.ts';
import type { TestDatabase } from './test-database.ts';
import { UnrulyProcess, type UnrulyWorld } from './unruly-process.fixture.ts';

const kinds = { kafka: 'event', rabbitmq: 'command' } as const;
const allKeys = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/**
 * Processes of one service that share an outbox, with injected faults. Keys are ordered across processes: the next
 * batch of a key starts when the previous one is committed. Time advances only on request, for the database, too.
 */
export class UnrulyRelays implements UnrulyWorld {
  readonly processes: UnrulyProcess[] = [];
  /** A log of events, to diagnose a failed run. */
  readonly story: string[] = [];
  private readonly came: { readonly broker: string; readonly id: string }[] = [];
  private readonly names = new Map<string, string>();
  private readonly sent = new Map<string, Set<string>>();
  private readonly later: string[] = [];
  private readonly busy = new Set<string>();
  private readonly work = new Set<Promise<void>>();
  private isCalm = false;
  private shift = 0;

  constructor(
    readonly database: TestDatabase,
    readonly random: () => number,
    readonly exclusive: boolean,
  ) {
    this.open();
    if (!exclusive) this.open();
  }

  readonly now = (): number => Date.now() + this.shift;

  readonly chance = (of: number): boolean => !this.isCalm && this.random() < of;

  readonly jitter = async (): Promise<void> => {
    if (this.chance(0.3)) await pause(this.random() * 6);
  };

  readonly tell = (what: string): void => {
    this.story.push(`${Math.round(this.now()) % 1_000_000} ${what}`);
  };

  readonly landed = (broker: string, id: string): void => {
    this.came.push({ broker, id });
    this.tell(`${this.names.get(id)} lands`);
  };

  readonly refused = (id: string): void => {
    this.tell(`${this.names.get(id)} is refused`);
  };

  async step(): Promise<void> {
    const what = this.random();
    if (what < 0.55) this.commit();
    else if (what < 0.7) this.settle();
    else if (what < 0.82) await this.pass(this.random() * 700);
    else if (what < 0.86) await this.trouble();
    else if (what < 0.88) await this.unpack();
    for (const process of this.processes) process.tick();
    if (this.random() < 0.5) await pause(this.random() * 3);
  }

  /** No more faults: every message must be published. */
  async rest(): Promise<void> {
    this.isCalm = true;
    for (const process of this.processes) if (process.state === 'frozen') process.thaw();
    if (!this.processes.some(({ state }) => state === 'running')) this.open();
    const isDone = async () => this.busy.size === 0 && (await this.stored()) === 0;
    for (let turn = 0; turn < 400 && !(await isDone()); turn += 1) await this.rounds(1);
    await this.rounds(24);
  }

  async close(): Promise<void> {
    this.isCalm = true;
    for (const process of this.processes) {
      if (process.state === 'frozen') process.thaw();
      if (process.state === 'running') this.track(process.close());
    }
    for (let turn = 0; turn < 400 && this.work.size > 0; turn += 1) await this.rounds(1);
  }

  /** Rows and pages. */
  async stored(): Promise<number> {
    const { rows } = await this.database.pool.query<{ n: number }>(
      'select (select count(*) from outbox)::int + (select count(*) from outbox_page)::int n',
    );
    return rows[0]?.n ?? 0;
  }

  inHand(): number {
    const running = this.processes.filter(({ state }) => state === 'running');
    return running.reduce((sum, process) => sum + process.inHand(), 0);
  }

  /** What was sent, by broker and key. */
  expected(): Record<string, readonly string[]> {
    return Object.fromEntries([...this.sent].sort().map(([name, all]) => [name, [...all]]));
  }

  /** The messages of `expected`, in the order of their first arrival. */
  seen(): Record<string, readonly string[]> {
    const first = [...new Set(this.came.map(({ broker, id }) => `${broker} ${id}`))];
    const seen = first.map((each) => {
      const [broker = '', id = ''] = each.split(' ');
      return { broker, name: this.names.get(id) ?? '' };
    });
    return Object.fromEntries(
      [...this.sent].sort().map(([list, all]) => {
        const own = seen.filter(({ broker, name }) => list.startsWith(broker) && all.has(name));
        return [list, own.map(({ name }) => name)];
      }),
    );
  }

  /** Messages with a due time that never arrived. */
  overdue(): string[] {
    const seen = new Set(this.came.map(({ id }) => id));
    return this.later.filter((id) => !seen.has(id));
  }

  private open(): void {
    const name = `process ${this.processes.length}`;
    this.tell(`${name} starts`);
    this.processes.push(new UnrulyProcess(this, name));
  }

  private async rounds(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      for (const broker of this.processes.flatMap(({ brokers }) => brokers)) {
        broker.land();
        broker.confirm();
      }
      await this.pass(250);
      for (const process of this.processes) process.tick();
      await pause(2);
    }
  }

  /** The clocks of a process and the database never differ by more than a lease allows. */
  private async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 200) {
      const step = Math.min(left, 200);
      await this.database.shiftClock(this.shift + step);
      this.shift += step;
    }
  }

  private settle(): void {
    const awake = this.processes.filter(({ state }) => state !== 'frozen');
    const broker = this.any(awake.flatMap(({ brokers }) => brokers));
    broker?.land(Math.floor(this.random() * 20));
    broker?.confirm();
  }

  /** As an operator or another process would, to inspect waiting messages. */
  private async unpack(): Promise<void> {
    this.tell('somebody unpacks pages');
    await this.database.pool.query(
      'select outbox_unpack(array(select seq from outbox_page order by random() limit 2))',
    );
  }

  private async trouble(): Promise<void> {
    const process = this.any(this.processes.filter(({ isAlive }) => isAlive));
    const what = this.random();
    if (process) await this.disturb(process, what);
    const alive = this.processes.filter(({ isAlive }) => isAlive).length;
    if (alive < (this.exclusive ? 1 : 3) && this.chance(0.3)) this.open();
  }

  private async disturb(process: UnrulyProcess, what: number): Promise<void> {
    if (process.state === 'frozen') process.thaw();
    else if (what < 0.3 && !this.exclusive) process.freeze();
    else if (what < 0.4 && !this.exclusive) await process.loseConnection();
    else await this.replace(process, what < 0.7 || !process.isStarted);
  }

  private async replace(process: UnrulyProcess, crashes: boolean): Promise<void> {
    if (crashes) await process.crash();
    else this.track(process.close());
    // An exclusive process starts after the last commit of its predecessor.
    if (this.exclusive) while (this.busy.size > 0) await pause(1);
    this.open();
    // Some die while they start.
    if (!this.chance(0.3)) return;
    await this.jitter();
    await this.replace(this.processes.at(-1) as UnrulyProcess, true);
  }

  private commit(): void {
    const process = this.any(this.processes.filter(({ canCommit }) => canCommit));
    if (!process) return;
    const keys = allKeys.filter((key) => !this.busy.has(key) && this.random() < 0.4);
    const rows = keys.flatMap((key) =>
      Array.from({ length: 1 + Math.floor(this.random() * 4) }, () => this.message(process, key)),
    );
    if (this.random() < 0.1 && rows[0]) rows.push(rows[0]);
    for (const key of keys) this.busy.add(key);
    const ended = (seqs: readonly number[]) => {
      for (const key of keys) this.busy.delete(key);
      if (seqs.length > 0) this.committed(process, rows, seqs);
    };
    this.track(process.commit(rows, ended));
  }

  private committed(
    process: UnrulyProcess,
    rows: readonly OutboxRow[],
    seqs: readonly number[],
  ): void {
    const told = rows.map(({ id, own }, i) => `${this.names.get(id)}=${own ? 'p' : ''}${seqs[i]}`);
    this.tell(`${process.name} commits ${told.join(' ')}`);
    for (const { id, key, broker, dueAt } of rows) {
      const list = `${broker} ${key}`;
      const all = this.sent.get(list) ?? new Set();
      if (dueAt) this.later.push(id);
      else this.sent.set(list, all.add(this.names.get(id) as string));
    }
  }

  private message({ relay }: UnrulyProcess, key: string): OutboxRow {
    const broker = this.any(['kafka', 'rabbitmq'] as const) ?? 'kafka';
    const id = newId();
    this.names.set(id, `${broker[0]}${key}${this.names.size}`);
    const text = `"id":"${newId()}" € 😀 \u0000 \ud800`.repeat(Math.floor(this.random() * 3));
    const base = outboxRow({ id, key });
    const envelope = { ...base.envelope, kind: kinds[broker], data: { id: newId(), text } };
    const body = JSON.stringify(envelope);
    const isLater = this.random() < 0.05;
    return {
      ...base,
      ...relay.route(envelope),
      envelope,
      body,
      bytes: Buffer.byteLength(body),
      dueAt: isLater ? new Date(this.now() + this.random() * 2_000).toISOString() : null,
    };
  }

  private any<T>(of: readonly T[]): T | undefined {
    return of[Math.floor(this.random() * of.length)];
  }

  private track(work: Promise<void>): void {
    const tracked = work
      .catch(() => undefined)
      .finally(() => {
        this.work.delete(tracked);
      });
    this.work.add(tracked);
  }
}
