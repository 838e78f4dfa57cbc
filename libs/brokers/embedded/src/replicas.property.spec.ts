import { describe, expect, it } from '@jest/globals';
import { channelOf, command, encode, local, type Message, newId, wrap } from '@waybill/message';
import {
  appendOnlyTable,
  BatchConflict,
  type DecideContext,
  on,
  stateTable,
} from '@waybill/messaging';
import { HandClock, MemoryStore, randomFrom, seeds } from '@waybill/messaging/testing';
import { z } from 'zod';
import { type EmbeddedBroker, embeddedBroker } from './embedded-broker.ts';
import { Replica } from './replica.fixture.ts';

const schema = z.strictObject({ id: z.string(), n: z.int() });
const kept = { key: (data: { id: string }) => data.id, summary: 'for tests', schema };
const Add = command('shop.add', { ...kept, retry: 'unbounded' });
const CallAdd = command('shop.ask-add', { ...kept, retry: 'unbounded' });
const Look = command('shop.look', { ...kept, retry: 'unbounded' });
const AddHere = local('shop.add-here', kept);
const counters = stateTable<{ id: string; total: number }>({
  table: 'counters',
  id: 'id',
});
/** The state that all keys share. */
const pots = stateTable<{ id: string; total: number }>({
  table: 'pots',
  id: 'id',
  shared: true,
});
const pot = pots.at('all');
interface Entry {
  readonly id: string;
  readonly n: number;
  readonly adds: boolean;
  /** How many had been added to its key when it was decided. */
  readonly saw: number;
  /** How many had been added on all keys. */
  readonly sawInPot: number;
}
const log = appendOnlyTable<Entry>('log');

const gone = () => Object.assign(new Error('gone'), { code: '57P01' });
const group = 'shop';

/** Two or three replicas of one service on one database and one broker, with faults. */
class Shop {
  readonly clock = new HandClock();
  readonly store = new MemoryStore(() => this.clock.now());
  readonly broker: EmbeddedBroker = embeddedBroker({ clock: this.clock });
  readonly replicas: Replica[] = [];
  readonly sent = new Map<string, number[]>();
  calm = false;
  private readonly hanging: (() => void)[] = [];
  private n = 0;

  constructor(readonly random: () => number) {}

  async open(count: number): Promise<this> {
    const state = ({ id }: { id: string }) => id;
    const also = () => [pot];
    const add = (
      counter: { total: number } | undefined,
      { id, n }: { id: string; n: number },
      { read }: Pick<DecideContext<unknown>, 'read'>,
    ) => {
      if (this.chance(0.1)) throw new Error('not yet');
      const saw = counter?.total ?? 0;
      const sawInPot = read(pot)?.total ?? 0;
      return {
        changes: [
          counters.put({ id, total: saw + 1 }),
          pots.put({ id: 'all', total: sawInPot + 1 }),
          log.entry({ id, n, adds: true, saw, sawInPot }),
        ],
      };
    };
    const handlers = [
      on(Add, counters, { state, also, decide: add, begins: true }),
      on(CallAdd, counters, { state, also, decide: add, call: () => this.callService() }),
      on(AddHere, counters, { state, also, decide: add }),
      on(Look, counters, {
        state,
        also,
        decide: (counter, { id, n }, { read }) => {
          const [saw, sawInPot] = [counter?.total ?? 0, read(pot)?.total ?? 0];
          return { changes: [log.entry({ id, n, adds: false, saw, sawInPot })] };
        },
      }),
    ];
    const options = { batchSize: 1 + Math.floor(this.random() * 4), deferCallsAfter: 300 };
    const { broker, store, clock, random } = this;
    const ground = { broker, store, clock, random };
    const late = () => (this.chance(0.06) ? random() * 8_000 : undefined);
    const fault = (when: 'before' | 'after') => {
      if (this.chance(0.08)) throw gone();
      if (when === 'before' && this.chance(0.05)) throw new BatchConflict('serialization');
    };
    for (let i = 0; i < count; i += 1)
      this.replicas.push(new Replica({ ...ground, options, fault, late }, handlers));
    await broker.declare((this.replicas[0] as Replica).consumer.groups());
    for (const replica of this.replicas) await replica.start();
    return this;
  }

  send(): void {
    const id = this.key();
    this.n += 1;
    this.sent.set(id, [...(this.sent.get(id) ?? []), this.n]);
    const kind = this.random();
    const contract = kind < 0.4 ? CallAdd : kind < 0.8 ? Add : Look;
    this.publish(contract({ id, n: this.n }));
  }

  call(): void {
    const { consumer } = this.any();
    consumer.submit(AddHere({ id: this.key(), n: 0 })).catch(() => undefined);
  }

  answer(): void {
    this.hanging.shift()?.();
  }

  async trouble(): Promise<void> {
    const replica = this.any();
    if (replica.isFrozen) await replica.thaw(() => this.quiet());
    else if (this.random() < 0.6) replica.freeze(this.random() < 0.8);
    else await replica.rejoin();
  }

  async rest(): Promise<void> {
    this.calm = true;
    for (const replica of this.replicas)
      if (replica.isFrozen) await replica.thaw(() => this.quiet());
    for (let i = 0; i < 40; i += 1) {
      for (const settle of this.hanging.splice(0)) settle();
      await this.pass(10_000);
    }
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.quiet();
  }

  async quiet(): Promise<void> {
    for (let turn = 0; turn < 12; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  entries(): Entry[] {
    return this.store.entries.map(({ row }) => row as Entry);
  }

  /** The messages from the broker, by key. */
  handled(): Record<string, number[]> {
    const found = new Map<string, number[]>();
    for (const { id, n } of this.entries()) if (n > 0) found.set(id, [...(found.get(id) ?? []), n]);
    return Object.fromEntries([...found].sort());
  }

  /** Entries whose decision did not see exactly what was added before it. */
  stale(): Entry[] {
    const totals = new Map<string, number>();
    let all = 0;
    return this.entries().filter(({ id, adds, saw, sawInPot }) => {
      const [total, inPot] = [totals.get(id) ?? 0, all];
      if (adds) totals.set(id, total + 1);
      if (adds) all += 1;
      return saw !== total || sawInPot !== inPot;
    });
  }

  private publish(message: Message): void {
    const id = newId(this.clock.now());
    const cause = { id, correlationId: id, traceparent: null };
    const envelope = {
      ...wrap(message, { cause, source: 'order', now: this.clock.now(), name: 'test' }),
      id,
    };
    const outgoing = { channel: channelOf(message.contract), envelope, body: encode(envelope) };
    const copies = this.chance(0.1) ? [outgoing, outgoing] : [outgoing];
    this.broker.publish(copies, () => undefined);
  }

  private key(): string {
    return `k${Math.floor(this.random() * 6)}`;
  }

  private any(): Replica {
    return this.replicas[Math.floor(this.random() * this.replicas.length)] as Replica;
  }

  private chance(of: number): boolean {
    return !this.calm && this.random() < of;
  }

  private callService(): Promise<undefined> {
    if (this.chance(0.1)) return Promise.reject(new Error('no answer'));
    if (!this.chance(0.3)) return Promise.resolve(undefined);
    const fails = this.chance(0.3);
    return new Promise((resolve, reject) =>
      this.hanging.push(() => (fails ? reject(new Error('no answer')) : resolve(undefined))),
    );
  }
}

describe('replicas that freeze, lose partitions and answers of commits, and whose commits come late', () => {
  it.each(seeds(30, 300))(
    'handle every message once, in the order of its key and on its last state (seed %d)',
    async (seed) => {
      const random = randomFrom(seed);
      const shop = await new Shop(random).open(2 + (seed % 2));
      for (let step = 0; step < 50; step += 1) {
        const what = random();
        if (what < 0.5) shop.send();
        else if (what < 0.65) shop.call();
        else if (what < 0.75) shop.answer();
        else if (what < 0.85) await shop.trouble();
        else await shop.pass(Math.floor(random() * 1_500));
        if (random() < 0.4) await shop.quiet();
      }
      await shop.rest();
      expect(shop.handled()).toEqual(Object.fromEntries([...shop.sent].sort()));
      expect(shop.stale()).toEqual([]);
      expect(shop.store.deferred.size).toBe(0);
      const [stats] = (await shop.broker.stats()).filter((each) => each.group === group);
      expect(stats?.depth).toBe(0);
    },
  );
});
