import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import fc from 'fast-check';
import { BatchBuilder } from './batch-builder.ts';
import { type Handler, on } from './handler.ts';
import { BatchTurns, KeyQueue } from './key-queue.ts';
import { Ready } from './ready.ts';
import type { DeferredRow } from './store.ts';
import { Add, calling, counters } from './testing/counters.fixture.ts';
import { HandClock } from './testing/hand-clock.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { runs } from './testing/seeds.config.ts';
import { add, fromBroker, fromCaller, fromTable, workOf } from './testing/works.fixture.ts';
import type { Origin, Result, Tenure, Work } from './work.ts';
import { WorkingCopy } from './working-copy.ts';

interface Sent {
  readonly id: string;
  readonly key: string;
  readonly n: number;
}

const relay = { route: () => ({ broker: 'bench', outboxPartition: 0, own: true }) };

/** A queue between a broker, external calls and a database; a property decides when each of them continues. */
class Hands {
  readonly clock = new HandClock();
  readonly store = new MemoryStore(() => this.clock.now());
  readonly ready = new Ready(this.clock, { isAwaited: () => true });
  readonly queue: KeyQueue;
  readonly sent: Sent[] = [];
  readonly applied: Work[] = [];
  readonly failing = new Set<number>();
  readonly hopeless = new Set<number>();
  private unacked: Sent[] = [];
  private calling: Work[] = [];
  private readonly late = new Set<Work>();
  private readonly deferredCalls = new Set<Work>();
  private tenure: Tenure = { group: 'shop', partition: 0, epoch: 0, ended: true };
  private readonly handler: Handler;

  constructor(calls: boolean) {
    this.queue = new KeyQueue(
      this.clock,
      { callsExternally: () => calls, isFaulty: () => false },
      this.ready,
    );
    this.handler = on(Add, counters, {
      state: ({ id }) => id,
      ...(calls ? { call: async () => undefined } : {}),
      decide: (_, { id, n }) => {
        if (this.hopeless.has(n)) throw Object.assign(new Error('never'), { retriable: false });
        if (this.failing.has(n)) throw new Error('not yet');
        return { changes: [counters.put({ id, total: n })] };
      },
    });
  }

  /** A new ownership of its partition: unacked messages are delivered again, in order. */
  async own(): Promise<this> {
    this.tenure.ended = true;
    const [fence] = await this.store.own('shop', [0]);
    this.queue.recount('shop', 0, await this.store.deferredKeys('shop', [0]));
    this.tenure = { ...(fence as Tenure), ended: false };
    for (const message of this.unacked) this.enter(this.workOf(message, this.fromBroker(message)));
    return this;
  }

  arrive(key: string): void {
    const message = { id: newId(), key, n: this.sent.length + 1 };
    this.sent.push(message);
    this.unacked.push(message);
    this.enter(this.workOf(message, this.fromBroker(message)));
  }

  answer(pick: number, how: 'answered' | 'failed'): void {
    const work = this.pick(pick);
    if (!work) return;
    this.calling = this.calling.filter((each) => each !== work);
    work.call =
      how === 'failed'
        ? { state: how, error: new Error('no') }
        : { state: how, answer: undefined, durationMs: 0 };
    if (!this.late.has(work)) this.queue.add(work);
    else if (this.deferredCalls.has(work)) this.queue.answeredLate(work);
    this.begin();
  }

  /** A call lasts so long that its message is deferred. */
  tire(pick: number): void {
    const work = this.pick(pick);
    if (!work || this.late.has(work)) return;
    this.late.add(work);
    this.queue.add(work);
  }

  async commit(size: number): Promise<void> {
    const works = this.queue.keepOurs(this.ready.begin(this.ready.next(size).length));
    this.begin();
    const random = () => 0.5;
    const builder = new BatchBuilder(
      { service: 'shop', clock: this.clock, random, relay },
      new WorkingCopy((name) => this.store.states.get(name)),
      new BatchTurns(this.queue),
    );
    for (const work of works) builder.add(work);
    const batch = builder.batch([]);
    const duplicates = new Set(
      batch.inbox
        .filter(({ first, messageId }) => first && this.store.inbox.has(`shop/${messageId}`))
        .map(({ messageId }) => messageId),
    );
    if (duplicates.size > 0) return this.settleDuplicates(works, duplicates);
    await this.store.commit(batch);
    for (const result of builder.results) await this.settle(result);
    // Between two batches: in the middle of one, the database would already include what is not settled here.
    if (this.ready.takeRecount())
      this.queue.recount('shop', 0, await this.store.deferredKeys('shop', [0]));
  }

  async due(): Promise<void> {
    this.take(this.queue.take(await this.store.due('shop', [0], 200)));
  }

  /** A dead letter returns through the database, outside the order of its key. */
  redrive(): void {
    const letter = this.store.dead.find(
      ({ messageId }) => this.store.inbox.get(`shop/${messageId}`)?.outcome === 'dead',
    );
    const row = this.store.inbox.get(`shop/${letter?.messageId}`);
    if (!letter || !row) return;
    this.hopeless.clear();
    const name = `shop/${letter.messageId}`;
    this.store.inbox.set(name, { ...row, outcome: 'parked' });
    this.store.deferred.set(name, {
      ...letter,
      messageId: row.messageId,
      key: row.key,
      attempt: 0,
      dueAt: letter.at,
      reason: 'redriven',
    });
  }

  /** Everything succeeds from now on, until nothing is left to do. */
  async rest(): Promise<void> {
    this.failing.clear();
    for (let turn = 0; turn < 200 && !this.isIdle(); turn += 1) {
      while (this.calling.length > 0) this.answer(0, 'answered');
      this.clock.advance(60_000);
      await this.due();
      await this.commit(3);
    }
  }

  isIdle(): boolean {
    const inHand = this.ready.backlog().waiting + this.calling.length + this.queue.takenCount;
    return inHand + this.store.deferred.size + this.unacked.length === 0;
  }

  private async settle(result: Result): Promise<void> {
    const { work } = result;
    if (result.outcome === 'applied') this.applied.push(work);
    this.queue.settled(result);
    if (work.origin.from === 'broker' && result.outcome !== 'unasked') work.origin.delivery.ack();
    if (result.calling && work.call.state === 'pending') this.deferredCalls.add(work);
    else if (result.calling) this.queue.answeredLate(work);
    this.begin();
    for (const { keyId, group } of this.queue.takeFreed()) {
      const rows = await this.store.deferredOf(group, keyId.slice(5), 200);
      this.take(this.queue.takeTurns(keyId, group, rows));
    }
  }

  private async settleDuplicates(works: readonly Work[], ids: ReadonlySet<string>): Promise<void> {
    const isDuplicate = ({ envelope }: Work) => ids.has(envelope?.id ?? '');
    const rest = works.filter((work) => !isDuplicate(work));
    for (const work of works.filter(isDuplicate))
      await this.settle({ work, outcome: 'duplicate', deferredChange: 0 });
    this.ready.putBack(rest);
  }

  private take(rows: readonly DeferredRow[]): void {
    for (const row of rows) {
      const message = this.sent.find(({ id }) => id === row.messageId) as Sent;
      this.enter(this.workOf(message, { from: 'parked', row }));
    }
  }

  private enter(work: Work): void {
    this.queue.enter(work);
    this.begin();
  }

  private begin(): void {
    for (const work of this.queue.takeCalls()) {
      work.call = { state: 'pending' };
      this.calling.push(work);
    }
  }

  private pick(pick: number): Work | undefined {
    return this.calling[pick % Math.max(1, this.calling.length)];
  }

  private fromBroker(message: Sent): Origin {
    const ack = () => {
      this.unacked = this.unacked.filter(({ id }) => id !== message.id);
    };
    return { from: 'broker', delivery: { ack, giveBack: () => undefined } };
  }

  private workOf({ id, key, n }: Sent, origin: Origin): Work {
    const work = workOf(Add({ id: key, n }), origin, { handler: this.handler, id });
    const attempt = origin.from === 'parked' ? origin.row.attempt : 0;
    return Object.assign(work, { fence: this.tenure, attempt: Math.min(attempt, 3) });
  }
}

const often = (weight: number, what: string, most: number) => ({
  weight,
  arbitrary: fc.record({ what: fc.constant(what), n: fc.nat(most) }),
});
const step = fc.oneof(
  often(10, 'arrive', 2),
  often(6, 'answer', 9),
  often(8, 'commit', 3),
  often(4, 'fail', 2),
  often(3, 'pass', 9),
  often(3, 'due', 0),
  often(2, 'refuse', 9),
  often(2, 'tire', 9),
  often(1, 'mend', 0),
  often(1, 'own', 0),
  often(1, 'die', 0),
  often(1, 'redrive', 0),
);

async function play(hands: Hands, what: string, n: number): Promise<void> {
  const steps: Record<string, () => unknown> = {
    arrive: () => hands.arrive('abc'[n] ?? 'a'),
    answer: () => hands.answer(n, 'answered'),
    refuse: () => hands.answer(n, 'failed'),
    tire: () => hands.tire(n),
    commit: () => hands.commit(n + 1),
    due: () => hands.due(),
    pass: () => hands.clock.advance(n * 200),
    fail: () => hands.failing.add(hands.sent.length + 1 - (n % 3)),
    mend: () => hands.failing.clear(),
    own: () => hands.own(),
    die: () => hands.hopeless.add(hands.sent.length + 1),
    redrive: () => hands.redrive(),
  };
  await steps[what]?.();
}

describe.each([false, true])('messages in hand (with external calls: %s)', (calls) => {
  it('are handled once, in the order of their key, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 120 }), async (steps) => {
        const hands = await new Hands(calls).own();
        for (const { what, n } of steps) await play(hands, what, n);
        const mayDie = steps.some(({ what }) => what === 'die');
        await hands.rest();
        const died = new Set(hands.store.dead.map(({ messageId }) => messageId));
        expect(hands.isIdle()).toBe(true);
        for (const key of ['a', 'b', 'c']) {
          const isOfKey = (n: string | undefined) => n === key;
          const came = hands.sent.filter((each) => isOfKey(each.key) && !died.has(each.id));
          const went = hands.applied.filter(
            ({ envelope }) => isOfKey(envelope?.key) && !died.has(envelope?.id ?? ''),
          );
          expect(went.map(({ envelope }) => envelope?.id)).toEqual(came.map(({ id }) => id));
          expect(hands.queue.deferredOn(`shop/${key}`)).toBe(0);
        }
        const ids = hands.applied.map(({ envelope }) => envelope?.id);
        expect(new Set(ids).size).toBe(ids.length);
        if (!mayDie) expect(died.size).toBe(0);
      }),
      { numRuns: runs(100, 300) },
    );
  });
});

const tenure = (): Tenure => ({ group: 'shop', partition: 0, epoch: 1, ended: false });

/** A queue of a group with or without external calls, and messages under one ownership. */
function scene(calls = false) {
  const ready = new Ready(new HandClock(), { isAwaited: () => true });
  const queue = new KeyQueue(
    new HandClock(),
    { callsExternally: () => calls, isFaulty: () => false },
    ready,
  );
  const fence = tenure();
  const handler = calls ? { handler: calling().handler } : {};
  const work = (n: number, origin?: Origin, key = 'a') =>
    Object.assign(workOf(Add({ id: key, n }), origin ?? fromBroker(), handler), { fence });
  const settle = (settled: Work, outcome: Result['outcome'], more: Partial<Result> = {}) =>
    queue.settled({ work: settled, outcome, deferredChange: 0, ...more });
  const waiting = () => ready.begin(ready.backlog().waiting);
  return { queue, fence, work, settle, waiting };
}

describe('a message whose long call has answered', () => {
  it('is handled later, although a redriven one of its key takes the turn and is long too', async () => {
    const hands = await new Hands(true).own();
    hands.hopeless.add(1);
    hands.arrive('a');
    hands.arrive('a');
    hands.answer(0, 'answered');
    await hands.commit(1);
    hands.tire(0);
    hands.redrive();
    await hands.commit(1);
    await hands.due();
    hands.tire(1);
    hands.answer(0, 'answered');
    await hands.commit(2);
    await hands.rest();
    expect(hands.isIdle()).toBe(true);
    expect(hands.applied.map(({ envelope }) => envelope?.id)).toEqual(
      hands.sent.map(({ id }) => id),
    );
  });
});

describe('a message that is deferred', () => {
  it('takes those with it that wait for its call: newcomers behind it, deferred ones back', () => {
    const { queue, work, settle, waiting } = scene(true);
    const [first, second, row] = [work(1), work(2), work(4, fromTable())];
    const caller = workOf(Add({ id: 'a', n: 3 }), fromCaller());
    for (const each of [first, second, caller, row]) queue.enter(each);
    expect(queue.takeCalls()).toEqual([first]);
    settle(first, 'parked', { deferredChange: 1 });
    expect(waiting()).toEqual([second, caller]);
    expect([second.blocked, caller.blocked]).toEqual([true, false]);
  });

  it('keeps those of its key that were taken with it, and not others', () => {
    const { queue, work, settle, waiting } = scene();
    const ofKey = work(2, fromTable());
    const others = [work(2), work(2, fromTable('asking')), work(2, fromTable(), 'b')];
    for (const each of [...others, ofKey]) queue.enter(each);
    settle(work(1, fromTable()), 'parked');
    expect(waiting()).toEqual(others);
  });

  it('frees its key at once when those it was to wait behind are through by then', () => {
    const { queue, work, settle } = scene();
    const blocked = Object.assign(work(1), { blocked: true });
    settle(blocked, 'parked', { deferredChange: 1 });
    expect(queue.takeFreed()).toEqual([blocked]);
  });
});

describe('a message that is through', () => {
  it.each([
    ['applied', true],
    ['dead', true],
    ['discarded', true],
    ['parked', false],
    ['left', false],
    ['duplicate', false],
  ] as const)('frees those deferred on its key: %s: %s', (outcome, frees) => {
    const { queue, work, settle } = scene();
    queue.recount('shop', 0, new Map([['shop/a', 1]]));
    settle(work(1), outcome);
    expect(queue.takeFreed().length > 0).toBe(frees);
  });

  it('is not counted again when its partition was lost meanwhile', () => {
    const { queue, fence, work, settle } = scene();
    fence.ended = true;
    settle(work(1), 'parked', { deferredChange: 1 });
    expect(queue.deferredOn('shop/a')).toBe(0);
  });
});

describe('messages of a lost partition', () => {
  it('are let go with those of their key that were deferred behind them', () => {
    const { queue, work } = scene();
    const gone = Object.assign(work(1, fromTable()), { fence: { ...tenure(), ended: true } });
    const [second, other] = [work(2, fromTable('behind')), work(3, fromTable(), 'b')];
    expect(queue.keepOurs([gone, second, other])).toEqual([other]);
  });
});

describe('the turn of deferred messages', () => {
  const rowOf = (parts: Partial<DeferredRow> = {}) =>
    ({
      group: 'shop',
      messageId: newId(),
      key: 'a',
      dueAt: null,
      reason: 'behind',
      ...parts,
    }) as DeferredRow;

  it('comes up to the first that waits for something, and once', () => {
    const clock = new HandClock();
    const queue = new KeyQueue(
      clock,
      { callsExternally: () => false, isFaulty: () => false },
      scene().queue as never,
    );
    const soon = new Date(clock.now().getTime() + 1).toISOString();
    const taken = rowOf();
    queue.take([taken]);
    for (const stays of [
      rowOf({ reason: 'held' }),
      rowOf({ reason: 'asking' }),
      rowOf({ dueAt: soon }),
      taken,
    ]) {
      const first = [rowOf(), rowOf({ dueAt: clock.now().toISOString(), reason: 'retry' })];
      const rows = [...first, stays, rowOf()];
      expect(queue.takeTurns('shop/a', 'shop', rows)).toEqual(first);
      expect(queue.take(first)).toEqual([]);
    }
  });

  it('has its key counted again when nothing is deferred that was thought to be', () => {
    const ready = new Ready(new HandClock(), { isAwaited: () => true });
    const queue = new KeyQueue(
      new HandClock(),
      { callsExternally: () => false, isFaulty: () => false },
      ready,
    );
    queue.takeTurns('shop/a', 'shop', []);
    expect(ready.takeRecount()).toBeUndefined();
    queue.recount('shop', 0, new Map([['shop/a', 1]]));
    queue.takeTurns('shop/a', 'shop', []);
    expect([ready.takeRecount(), ready.takeRecount()]).toEqual(['shop', undefined]);
  });

  it('is what the database says last of the keys of a partition', () => {
    const { queue } = scene();
    queue.recount('shop', 0, new Map([['shop/a', 1]]));
    queue.recount('shop', 1, new Map([['shop/b', 2]]));
    queue.recount('shop', 0, new Map());
    expect([queue.deferredOn('shop/a'), queue.deferredOn('shop/b')]).toEqual([0, 2]);
  });
});

describe('a message that waits for its call', () => {
  it('lets other keys pass, and the next of its key call when it is through', () => {
    const { queue, work, settle } = scene(true);
    const [first, second, other] = [work(1), work(2), work(1, fromBroker(), 'b')];
    for (const each of [first, second, other]) queue.enter(each);
    expect(queue.takeCalls()).toEqual([first, other]);
    settle(first, 'applied');
    expect(queue.takeCalls()).toEqual([second]);
  });

  it('calls again when its batch found its call not begun', () => {
    const { queue, work, settle } = scene(true);
    const first = work(1);
    queue.enter(first);
    queue.takeCalls();
    settle(first, 'unasked');
    expect(queue.takeCalls()).toEqual([first]);
  });

  it('goes on from its row when it is answered, but not with an owner who has gone', () => {
    const { queue, fence, work, waiting } = scene(true);
    queue.answeredLate(work(1));
    expect(waiting().map(({ origin }) => origin.from)).toEqual(['parked']);
    fence.ended = true;
    queue.answeredLate(work(2));
    expect(waiting()).toEqual([]);
  });
});

it('needs no ownership for callers', () => {
  const { queue } = scene();
  expect(queue.keepOurs([add(1, fromCaller())])).toHaveLength(1);
});
