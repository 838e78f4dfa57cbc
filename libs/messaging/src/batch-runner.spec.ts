import { describe, expect, it } from '@jest/globals';
import { event, live } from '@waybill/message';
import { z } from 'zod';
import { on } from './handler.ts';
import { silentObserver } from './observer.ts';
import {
  type Batch,
  BatchConflict,
  type ConfirmedPage,
  type DeferredRow,
  type Relay,
} from './store.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import {
  Add,
  AddHere,
  adding,
  calling,
  counters,
  delayCommit,
  entered,
  loseAnswers,
} from './testing/counters.fixture.ts';

const gone = () => Object.assign(new Error('gone'), { code: '57P01' });

describe('a batch that is run again', () => {
  it('counts an attempt once, however often the database was away or another writer quicker', async () => {
    const handler = adding(Add, () => new Error('not yet'));
    const bench = await new ConsumerBench([handler]).start();
    const troubles = [gone(), new BatchConflict('serialization'), gone(), gone(), gone(), gone()];
    bench.store.failWith = () => troubles.shift();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    for (let i = 0; i < 10; i += 1) await bench.passEach(0, 2_000);
    expect(troubles).toEqual([]);
    expect(bench.store.deferred.get(`shop/${id}`)?.attempt ?? 'dead').toBeLessThan(4);
    expect(bench.store.dead).toEqual([]);
  });

  it('keeps a key in order when the answer of the commit that deferred its first message was lost', async () => {
    let broken = true;
    const handler = adding(Add, (n) => (n === 1 && broken ? new Error('not yet') : undefined));
    const bench = await new ConsumerBench([handler]).start();
    loseAnswers(bench);
    const first = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.passEach(0, 50);
    expect(first.acked()).toBe(true);
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(entered(bench)).toEqual([]);
    broken = false;
    await bench.passEach(100, 1_000);
    expect(entered(bench)).toEqual([1, 2]);
  });

  it('gets the answer of a call although the answer of the commit that deferred its message was lost', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.passEach(2_000, 100);
    calls[0]?.answer();
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
    expect(bench.store.deferred.size).toBe(0);
  });

  it('gets the answer of a call that came while the database was away after such a lost answer', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(2_000);
    const troubles = [gone(), gone()];
    bench.store.failWith = () => troubles.shift();
    calls[0]?.answer();
    await bench.passEach(0, 500, 500, 500, 500);
    expect(entered(bench)).toEqual([1]);
    expect(bench.store.deferred.size).toBe(0);
  });

  it('gets the answer of a call although a copy of its message is in the batch', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(2_000);
    let proceed: () => void = () => undefined;
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      bench.store.commit = commit;
      await new Promise<void>((resolve) => {
        proceed = resolve;
      });
      return commit(batch);
    };
    bench.deliver(Add({ id: 'a', n: 1 }), { id });
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 1 }), { id });
    calls[0]?.answer();
    await bench.quiet();
    proceed();
    await bench.quiet();
    expect([entered(bench), bench.store.deferred.size, bench.open()]).toEqual([[1], 0, 0]);
  });

  it('is not undone when the database executes its first commit late', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    calls[0]?.fail(new Error('no answer'));
    await bench.passEach(0, 1_000);
    const executeLate = delayCommit(bench);
    await bench.passEach(2_000, 500);
    expect([...bench.store.deferred.values()]).toMatchObject([{ reason: 'asking' }]);
    calls[1]?.fail(new Error('no answer'));
    await bench.quiet();
    expect(await executeLate()).toMatchObject({ reason: 'fence' });
    expect([...bench.store.deferred.values()]).toMatchObject([{ attempt: 2, reason: 'retry' }]);
    await bench.pass(5_000);
    calls[2]?.answer();
    await bench.quiet();
    expect([entered(bench), calls.length]).toEqual([[1], 3]);
  });

  it('frees a deferred message and its key when the answer of its last commit was lost', async () => {
    let failures = 1;
    const handler = adding(Add, () => (failures-- > 0 ? new Error('not yet') : undefined));
    const bench = await new ConsumerBench([handler]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    loseAnswers(bench);
    await bench.passEach(100, 50);
    const commits = bench.store.commits;
    const next = bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect([next.acked(), entered(bench)]).toEqual([true, [1, 2]]);
    expect(bench.store.commits).toBe(commits + 1);
  });

  it('is what the database says, of all that it may have become', async () => {
    let failures = 1;
    const outcomes: string[] = [];
    const observer = {
      ...silentObserver,
      finished: ({ outcome }: { readonly outcome: string }) => outcomes.push(outcome),
    };
    const handler = adding(Add, () => (failures-- > 0 ? new Error('not yet') : undefined));
    const bench = await new ConsumerBench([handler], { observer }).start();
    loseAnswers(bench);
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      if (bench.store.commits === 1 && failures === -1) {
        failures -= 1;
        throw gone();
      }
      return commit(batch);
    };
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.passEach(0, 50, 100);
    expect(outcomes).toEqual(['parked']);
  });

  it('gets its next attempt when its call failed after the answer of its commit was lost', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(2_000);
    const troubles = [gone(), gone()];
    bench.store.failWith = () => troubles.shift();
    calls[0]?.fail(new Error('no answer'));
    await bench.passEach(0, 500, 500, 500, 1_000);
    calls[1]?.answer();
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
  });

  it('counts a redriven message of its key never, also not after a lost answer', async () => {
    let failures = 1;
    const handler = adding(Add, () => (failures-- > 0 ? new Error('not yet') : undefined));
    const bench = await new ConsumerBench([handler]).start();
    const dueAt = '2999-01-01T00:00:00.000Z';
    const redriven = {
      group: 'shop',
      messageId: 'r',
      partition: 0,
      key: 'a',
      reason: 'redriven',
      dueAt,
    };
    bench.store.deferred.set('shop/r', redriven as DeferredRow);
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.passEach(0, 50);
    const deferred = [...bench.store.deferred];
    bench.store.deferred.clear();
    for (const [name, row] of deferred.reverse()) bench.store.deferred.set(name, row);
    await bench.pass(100);
    const { commits } = bench.store;
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect([entered(bench), bench.store.commits]).toEqual([[1, 2], commits + 1]);
  });

  it('counts no attempt when the database says that another was quicker', async () => {
    const bench = await new ConsumerBench([adding(Add)]).start();
    const raced = ['40001', '40P01'].map((code) => Object.assign(new Error('raced'), { code }));
    bench.store.failWith = () => raced.shift();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect(bench.store.inbox.get(`shop/${id}`)).toMatchObject({ outcome: 'applied', attempt: 0 });
  });
});

/** A relay that records its calls. */
function relayOf(confirmed: ConfirmedPage[] = []) {
  const seen: string[] = [];
  const relay: Relay = {
    offer: (rows, seqs) => seen.push(...rows.map(({ key }, i) => `offer ${seqs[i]} ${key}`)),
    announce: (envelopes) => seen.push(...envelopes.map(({ key }) => `announce ${key}`)),
    missed: () => seen.push('missed'),
    takeConfirmed: () => confirmed.splice(0),
    restore: (pages) => confirmed.push(...pages),
    route: () => ({ broker: 'bench', outboxPartition: 0, own: true }),
  };
  return { relay, seen, confirmed };
}

describe('the relay', () => {
  const about = { key: ({ id }: { id: string }) => id, summary: 'for tests' };
  const Told = event('shop.told', { ...about, schema: z.strictObject({ id: z.string() }) });
  const Seen = live('shop.seen', { ...about, schema: z.strictObject({ id: z.string() }) });
  const telling = on(Add, counters, {
    state: ({ id }) => id,
    decide: (_, { id, n }) => ({
      changes: [counters.put({ id, total: n })],
      send: [Told({ id: `${id}1` }), Told({ id: `${id}2` }), Seen({ id })],
    }),
  });
  const refusing = adding(AddHere, () => new Error('no'));

  it('gets what is stored under its numbers, and live messages, after the commit alone', async () => {
    const { relay, seen } = relayOf();
    const bench = await new ConsumerBench([telling], { relay }).start();
    const troubles = [gone(), new BatchConflict('serialization')];
    bench.store.failWith = () => troubles.shift();
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'b', n: 1 }));
    await bench.quiet();
    expect(seen).toEqual([]);
    await bench.passEach(50, 50);
    expect(seen.filter((what) => what !== 'missed')).toEqual([
      ...['offer 1 a1', 'offer 2 a2', 'offer 3 b1', 'offer 4 b2'],
      ...['announce a', 'announce b'],
    ]);
  });

  it('has confirmed pages deleted by the next batch, and gets them back when that writes nothing', async () => {
    const pages = [
      { first: 5, last: 9 },
      { first: 10, last: 10 },
    ];
    const { relay, confirmed } = relayOf([...pages]);
    const bench = await new ConsumerBench([telling, refusing], { relay }).start();
    const deleted: Batch['confirmed'][] = [];
    bench.store.failWith = (batch) => {
      deleted.push(batch.confirmed);
      return deleted.length === 1 ? new BatchConflict('serialization') : undefined;
    };
    await expect(bench.consumer.submit(AddHere({ id: 'a', n: 1 }))).rejects.toThrow('no');
    expect(confirmed).toEqual(pages);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect([deleted, confirmed]).toEqual([[pages, pages], []]);
  });

  it('looks for what a lost answer hid, before newer messages are published', async () => {
    const { relay, seen } = relayOf();
    const bench = await new ConsumerBench([telling], { relay }).start();
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.passEach(0, 50);
    expect(seen).toEqual(['missed']);
    bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    expect(seen.slice(0, 2)).toEqual(['missed', 'offer 3 b1']);
  });

  it('looks for it also when nobody waits for that commit any more', async () => {
    const { relay, seen } = relayOf();
    const bench = await new ConsumerBench([telling, adding(AddHere)], { relay }).start();
    loseAnswers(bench);
    await expect(bench.consumer.submit(AddHere({ id: 'a', n: 1 }))).rejects.toThrow('not answer');
    bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.passEach(50, 0);
    expect(seen.slice(0, 2)).toEqual(['missed', 'offer 1 b1']);
  });
});

describe('data that no database takes', () => {
  const broken = () => Object.assign(new Error('broken'), { code: '23514' });

  it('bury their message, also when the decision in place of a dead letter is broken too', async () => {
    const put = () => ({ changes: [counters.put({ id: 'a', total: -1 })] });
    const handler = on(Add, counters, {
      state: ({ id }) => id,
      decide: (_, { n }) => (n === 1 ? put() : { changes: [counters.put({ id: 'b', total: n })] }),
      onRetriesExhausted: put,
      giveUpAfter: 0,
    });
    const bench = await new ConsumerBench([handler]).start();
    bench.store.failWith = (batch) =>
      batch.states.some(({ id }) => id === 'a') ? broken() : undefined;
    const bad = bench.deliver(Add({ id: 'a', n: 1 }));
    const good = bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    expect([bad.acked(), good.acked()]).toEqual([true, true]);
    expect(bench.store.dead).toMatchObject([{ messageId: bad.id }]);
  });

  it('park their message alone when its handler writes a state that it did not name', async () => {
    const handler = on(Add, counters, {
      state: ({ id }) => id,
      decide: (_, { id, n }) => ({
        changes: [counters.put({ id: n === 1 ? 'other' : id, total: n })],
      }),
    });
    const bench = await new ConsumerBench([handler]).start();
    bench.store.states.set('counters/other', { value: { id: 'other', total: 0 }, version: 3 });
    const commit = bench.store.commit.bind(bench.store);
    let tries = 0;
    bench.store.commit = async (batch) => {
      tries += 1;
      if (tries > 1_000) throw new Error('it never ends');
      return commit(batch);
    };
    const bad = bench.deliver(Add({ id: 'a', n: 1 }));
    const good = bench.deliver(Add({ id: 'b', n: 2 }));
    for (let i = 0; i < 20; i += 1) await bench.quiet();
    expect([bad.acked(), good.acked()]).toEqual([true, true]);
    expect(bench.store.deferred.size).toBe(1);
    expect(tries).toBeLessThan(100);
  });

  it('are held, with pauses, when not even their dead letter can be stored', async () => {
    const bench = await new ConsumerBench([adding(Add)]).start();
    let tries = 0;
    bench.store.commit = () => {
      tries += 1;
      return tries > 50 ? new Promise(() => undefined) : Promise.reject(broken());
    };
    const { acked } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect([acked(), tries]).toEqual([false, 3]);
  });

  it('bury their message, also when they cannot even be looked for', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    const load = bench.store.load.bind(bench.store);
    bench.store.load = async (refs) => {
      if (refs.some(({ id }) => id === 'bad')) throw Object.assign(broken(), { retriable: false });
      return load(refs);
    };
    const bad = bench.deliver(Add({ id: 'bad', n: 1 }));
    bench.deliver(Add({ id: 'good', n: 2 }));
    await bench.quiet();
    calls[0]?.answer();
    await bench.passEach(0, 2_000);
    expect(entered(bench)).toEqual([2]);
    expect(bad.acked()).toBe(true);
    expect(bench.store.dead).toMatchObject([{ messageId: bad.id }]);
  });
});
