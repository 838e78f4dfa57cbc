import { describe, expect, it } from '@jest/globals';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, AddHere, adding, calling, entered } from './testing/counters.fixture.ts';

const later = () => new Error('not yet');

describe('the order of a key', () => {
  it('holds when the first of several deferred messages fails again at its call', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    for (const n of [1, 2, 3]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    calls[0]?.fail(later());
    await bench.quiet();
    await bench.pass(100);
    calls[1]?.answer();
    await bench.quiet();
    expect(calls.map(({ n }) => n)).toEqual([1, 1, 2]);
    calls[2]?.fail(later());
    await bench.quiet();
    expect(calls.map(({ n }) => n)).toEqual([1, 1, 2]);
    await bench.pass(1_000);
    calls[3]?.answer();
    await bench.passEach(0, 1_000);
    calls[4]?.answer();
    await bench.quiet();
    expect(entered(bench)).toEqual([1, 2, 3]);
  });

  it('holds while a newcomer is deferred behind a deferred message that is under way', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    for (const n of [1, 2, 3]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    calls[0]?.fail(later());
    await bench.quiet();
    await bench.pass(100);
    calls[1]?.answer();
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 4 }));
    await bench.quiet();
    expect(calls.map(({ n }) => n)).toEqual([1, 1, 2]);
    for (let call = 2; call < 5; call += 1) {
      calls[call]?.answer();
      await bench.passEach(0, 1_000);
    }
    expect(entered(bench)).toEqual([1, 2, 3, 4]);
  });

  it('holds for those that come while the last deferred message is being applied', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    calls[0]?.fail(later());
    await bench.quiet();
    await bench.pass(100);
    const commit = bench.store.commit.bind(bench.store);
    let newcomers = [2, 3];
    bench.store.commit = async (batch) => {
      const committed = await commit(batch);
      for (const n of newcomers.splice(0)) bench.deliver(Add({ id: 'a', n }));
      newcomers = [];
      return committed;
    };
    calls[1]?.answer();
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 4 }));
    for (let call = 2; call < 8; call += 1) {
      await bench.passEach(0, 1_000);
      calls[call]?.answer();
      await bench.quiet();
    }
    expect(entered(bench)).toEqual([1, 2, 3, 4]);
  });

  it('holds for one that comes while one before it is asked for and another one is deferred', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    await deferFirst(bench, calls);
    const commit = bench.store.commit.bind(bench.store);
    let commits = 0;
    bench.store.commit = async (batch) => {
      commits += 1;
      if (commits === 2) bench.deliver(Add({ id: 'a', n: 3 }));
      const committed = await commit(batch);
      if (commits === 1) bench.deliver(Add({ id: 'a', n: 2 }));
      return committed;
    };
    calls[1]?.answer();
    await bench.quiet();
    expect(calls.map(({ n }) => n)).toEqual([1, 1, 3]);
    bench.deliver(Add({ id: 'a', n: 4 }));
    for (let call = 2; call < 8; call += 1) {
      await bench.passEach(0, 1_000);
      calls[call]?.answer();
      await bench.quiet();
    }
    expect(entered(bench)).toEqual([1, 2, 3, 4]);
  });

  it('holds when deferred messages are spread over batches', async () => {
    let failures = 2;
    const handler = adding(Add, (n) => (n === 1 && failures-- > 0 ? later() : undefined));
    const bench = await new ConsumerBench([handler], { batchSize: 1 }).start();
    for (const n of [0, 1, 2, 3]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    await bench.passEach(100, 1_000, 1_000);
    expect(entered(bench)).toEqual([0, 1, 2, 3]);
  });

  it('holds after a redrive that a crash interrupted, without parking those that come later', async () => {
    const bench = await new ConsumerBench([
      adding(Add, (n) => (n === 1 ? dead() : undefined)),
    ]).start();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    const [letter] = bench.store.dead;
    const row = bench.store.inbox.get(`shop/${id}`);
    if (!letter || !row) throw new Error('the message is no dead letter');
    bench.store.inbox.set(`shop/${id}`, { ...row, outcome: 'parked' });
    bench.store.deferred.set(`shop/${id}`, {
      ...letter,
      messageId: id,
      key: 'a',
      attempt: 0,
      dueAt: letter.at,
      reason: 'redriven',
    });
    const next = await new ConsumerBench([adding(Add)], {
      store: bench.store,
      clock: bench.clock,
    }).start();
    expect(entered(bench)).toEqual([1]);
    next.deliver(Add({ id: 'a', n: 2 }));
    await next.quiet();
    expect(entered(bench)).toEqual([1, 2]);
  });

  it('does not begin a retry before its time because a caller of its key is through', async () => {
    let attempts = 0;
    const failing = adding(Add, () => {
      attempts += 1;
      return later();
    });
    const bench = await new ConsumerBench([failing, adding(AddHere)]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.consumer.submit(AddHere({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(attempts).toBe(1);
  });
});

const dead = () => Object.assign(new Error('never'), { retriable: false });

/** The message's call has failed, and after its deferral the message was taken again: `calls[1]`. */
async function deferFirst(bench: ConsumerBench, calls: ReturnType<typeof calling>['calls']) {
  bench.deliver(Add({ id: 'a', n: 1 }));
  await bench.quiet();
  calls[0]?.fail(later());
  await bench.quiet();
  await bench.pass(100);
}

describe('retries', () => {
  it('that fall due together are looked for together', async () => {
    const bench = await new ConsumerBench([adding(Add, later)], { random: Math.random }).start();
    let looks = 0;
    const due = bench.store.due.bind(bench.store);
    bench.store.due = (...of) => {
      looks += 1;
      return due(...of);
    };
    for (let n = 0; n < 100; n += 1) bench.deliver(Add({ id: `k${n}`, n }));
    await bench.quiet();
    await bench.pass(150);
    expect(looks).toBeLessThan(5);
    expect([...bench.store.deferred.values()].map(({ attempt }) => attempt)).toEqual(
      Array(100).fill(2),
    );
  });
});

describe('a key', () => {
  it('goes on at once with one that was deferred behind a message which is finished by then', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    await deferFirst(bench, calls);
    const commit = bench.store.commit.bind(bench.store);
    const newcomers = [2];
    bench.store.commit = async (batch) => {
      const committed = await commit(batch);
      for (const n of newcomers.splice(0)) bench.deliver(Add({ id: 'a', n }));
      return committed;
    };
    calls[1]?.answer();
    await bench.quiet();
    expect(calls.map(({ n }) => n)).toEqual([1, 1, 2]);
  });

  it('goes on after a caller of it was told that the database is away', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler, adding(AddHere)]).start();
    bench.store.failWith = () => Object.assign(new Error('gone'), { code: '57P01' });
    await expect(bench.consumer.submit(AddHere({ id: 'a', n: 1 }))).rejects.toThrow('not answer');
    bench.store.failWith = () => undefined;
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.passEach(0, 100);
    expect(calls).toHaveLength(1);
  });
});
