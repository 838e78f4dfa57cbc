import { describe, expect, it } from '@jest/globals';
import { on } from './handler.ts';
import { BatchConflict } from './store.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, adding, asking, counters, entered, loseAnswers } from './testing/counters.fixture.ts';

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
    expect(bench.store.parked.get(`shop/${id}`)?.attempt ?? 'dead').toBeLessThan(4);
    expect(bench.store.dead).toEqual([]);
  });

  it('keeps a key in order when the answer of the commit that parked its first message was lost', async () => {
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

  it('gets the answer of a call although the answer of the commit that parked its message was lost', async () => {
    const { calls, handler } = asking();
    const bench = await new ConsumerBench([handler]).start();
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.passEach(2_000, 100);
    calls[0]?.answer();
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
    expect(bench.store.parked.size).toBe(0);
  });

  it('gets the answer of a call that came while the database was away after such a lost answer', async () => {
    const { calls, handler } = asking();
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
    expect(bench.store.parked.size).toBe(0);
  });

  it('frees a parked message and its key when the answer of its last commit was lost', async () => {
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

  it('lets the relay look for what a lost answer hid, before newer messages are published', async () => {
    const seen: string[] = [];
    const bench = await new ConsumerBench([adding(Add)], {
      relay: {
        offer: () => void seen.push('offer'),
        missed: () => void seen.push('missed'),
        announce: () => undefined,
        takeConfirmed: () => [],
        restore: () => undefined,
        route: () => ({ broker: 'bench', lane: 0 }),
      },
    }).start();
    loseAnswers(bench);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.passEach(0, 50);
    expect(seen).toEqual(['missed']);
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(seen).toEqual(['missed', 'offer']);
  });
});

describe('data that no database takes', () => {
  const broken = () => Object.assign(new Error('broken'), { code: '23514' });

  it('bury their message, also when the decision in place of a dead letter is broken too', async () => {
    const put = () => ({ changes: [counters.put({ id: 'a', total: -1 })] });
    const handler = on(Add, counters, {
      state: ({ id }) => id,
      decide: (_, { n }) => (n === 1 ? put() : { changes: [counters.put({ id: 'b', total: n })] }),
      exhausted: put,
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
    expect(bench.store.parked.size).toBe(1);
    expect(tries).toBeLessThan(100);
  });

  it('bury their message, also when they cannot even be looked for', async () => {
    const { calls, handler } = asking();
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
