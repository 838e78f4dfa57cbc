import { describe, expect, it } from '@jest/globals';
import { on } from './handler.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, AddHere, adding, calling, counters, entered } from './testing/counters.fixture.ts';

const gone = () => Object.assign(new Error('gone'), { code: '57P01' });

describe('a consumer that stops while its database is away', () => {
  it('gives back the messages that it was about to mark', async () => {
    const crashMarks = {
      open: async () => ({ unclean: true, suspects: [] }),
      begin: () => Promise.reject(gone()),
      end: async () => undefined,
      clear: async () => undefined,
    };
    const bench = await new ConsumerBench([adding(Add)], { crashMarks }).start();
    const first = bench.deliver(Add({ id: 'a', n: 1 }));
    const next = bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    const stopped = bench.consumer.stop();
    await bench.pass(2_000);
    await stopped;
    expect([first.givenBack(), next.givenBack(), entered(bench)]).toEqual([true, true, []]);
  });

  it('gives back the batch that it holds', async () => {
    const bench = await new ConsumerBench([adding(Add)]).start();
    bench.store.failWith = gone;
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    const stopped = bench.consumer.stop();
    await bench.pass(2_000);
    await stopped;
    expect([delivery.givenBack(), entered(bench)]).toEqual([true, []]);
  });

  it('gives back a message whose call it was about to make', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    bench.store.load = () => Promise.reject(gone());
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    const stopped = bench.consumer.stop();
    await bench.pass(2_000);
    await stopped;
    expect([calls, entered(bench)]).toEqual([[], []]);
  });
});

describe('a partition that was lost', () => {
  it('takes what is in hand with it: nothing of it is written any more', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    calls[0]?.answer();
    await bench.quiet();
    expect([delivery.acked(), entered(bench)]).toEqual([false, []]);
  });

  it('holds up no key when it comes back', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    await bench.store.own('shop', [0]);
    calls[0]?.answer();
    await bench.quiet();
    await bench.listenerOf('shop').assigned([0]);
    bench.deliver(Add({ id: 'a', n: 1 }), { id });
    await bench.quiet();
    calls[1]?.answer();
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
  });

  it('takes the deferred messages up again when it comes back', async () => {
    let failures = 1;
    const handler = adding(Add, () => (failures-- > 0 ? new Error('not yet') : undefined));
    const bench = await new ConsumerBench([handler]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.store.own('shop', [0]);
    await bench.pass(100);
    expect(entered(bench)).toEqual([]);
    await bench.listenerOf('shop').assigned([0]);
    await bench.quiet();
    expect(entered(bench)).toEqual([1]);
  });

  it('leaves no state behind that another owner may have changed', async () => {
    const seen: (number | undefined)[] = [];
    const handler = on(Add, counters, {
      state: ({ id }) => id,
      decide: (counter, { id, n }) => {
        seen.push(counter?.total);
        return n > 0 ? { changes: [counters.put({ id, total: n })] } : {};
      },
    });
    const bench = await new ConsumerBench([handler]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    bench.store.states.set('counters/a', { value: { id: 'a', total: 7 }, version: 2 });
    await bench.listenerOf('shop').assigned([0]);
    bench.deliver(Add({ id: 'a', n: 0 }));
    await bench.quiet();
    expect(seen).toEqual([undefined, 7]);
  });

  it('is counted once when it comes back while a message of it is being deferred', async () => {
    let failures = 1;
    const bench = await new ConsumerBench([
      adding(Add, () => (failures-- > 0 ? new Error('not yet') : undefined)),
    ]).start();
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      const committed = await commit(batch);
      bench.store.commit = commit;
      bench.listenerOf('shop').revoked([0]);
      await bench.listenerOf('shop').assigned([0]);
      return committed;
    };
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(100);
    const { commits } = bench.store;
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect([entered(bench), bench.store.commits]).toEqual([[1, 2], commits + 1]);
  });

  it('is forgotten with what is deferred on its keys', async () => {
    const bench = await new ConsumerBench([
      adding(Add, (n) => (n === 1 ? new Error('no') : undefined)),
    ]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    bench.store.deferred.clear();
    await bench.listenerOf('shop').assigned([0]);
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(entered(bench)).toEqual([2]);
  });
});

describe('a partition that the broker moves while the database is slow', () => {
  /** A bench whose database answers `own` only when the test lets it. */
  async function slow() {
    const bench = await new ConsumerBench([adding(Add)]).start();
    const own = bench.store.own.bind(bench.store);
    const waiting: (() => void)[] = [];
    let asked = 0;
    bench.store.own = async (...of) => {
      asked += 1;
      await new Promise<void>((resolve) => waiting.push(resolve));
      return own(...of);
    };
    const listener = bench.listenerOf('shop');
    return { bench, listener, waiting, own, asked: () => asked };
  }

  it('is not ours when it was revoked before the database had answered', async () => {
    const { bench, listener, waiting } = await slow();
    const assigned = listener.assigned([1]);
    listener.revoked([1]);
    waiting[0]?.();
    await assigned;
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }), { partition: 1 });
    await bench.quiet();
    expect([delivery.acked(), entered(bench)]).toEqual([false, []]);
  });

  it('is not taken from the next owner by whoever was told to leave while the database was away', async () => {
    const { bench, listener, asked } = await slow();
    const own = bench.store.own;
    bench.store.own = (...of) => {
      bench.store.own = own;
      return Promise.reject(Object.assign(new Error('gone'), { code: '57P01', of }));
    };
    const assigned = listener.assigned([1]);
    await bench.quiet();
    listener.revoked([1]);
    await bench.pass(2_000);
    await assigned;
    expect(asked()).toBe(0);
  });

  it('is ours by the last of two assignments, whichever the database answers first', async () => {
    const { bench, listener, waiting } = await slow();
    const first = listener.assigned([1]);
    await bench.quiet();
    listener.revoked([1]);
    const second = listener.assigned([1]);
    await bench.quiet();
    waiting[1]?.();
    await second;
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }), { partition: 1 });
    await bench.quiet();
    expect([delivery.acked(), entered(bench)]).toEqual([true, [1]]);
    listener.revoked([1]);
    waiting[0]?.();
    await first;
    const third = listener.assigned([1]);
    await bench.quiet();
    waiting[2]?.();
    await third;
    bench.deliver(Add({ id: 'a', n: 2 }), { partition: 1 });
    await bench.quiet();
    expect(entered(bench)).toEqual([1, 2]);
  });

  it('keeps what came too early until it is ours, in its order', async () => {
    const { bench, listener, waiting } = await slow();
    const assigned = listener.assigned([1]);
    for (const n of [1, 2, 3]) bench.deliver(Add({ id: 'a', n }), { partition: 1 });
    await bench.quiet();
    expect(entered(bench)).toEqual([]);
    waiting[0]?.();
    await assigned;
    await bench.quiet();
    expect(entered(bench)).toEqual([1, 2, 3]);
    expect(bench.open()).toBe(0);
  });
});

describe('a partition that another process has taken in the database, while the broker says that it is ours', () => {
  it('is taken back after a while, with all that is in hand in its order', async () => {
    const { calls, handler } = calling();
    const bench = await new ConsumerBench([handler]).start();
    for (const n of [1, 2]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    await bench.store.own('shop', [0]);
    calls[0]?.answer();
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 3 }));
    await bench.pass(900);
    expect([calls.length, entered(bench)]).toEqual([1, []]);
    await bench.pass(1_000);
    for (let call = 1; call < 4; call += 1) {
      calls[call]?.answer();
      await bench.quiet();
    }
    expect(entered(bench)).toEqual([1, 2, 3]);
    expect(bench.open()).toBe(0);
  });

  it('costs no caller its answer', async () => {
    const bench = await new ConsumerBench([adding(Add), adding(AddHere)]).start();
    await bench.store.own('shop', [0]);
    bench.deliver(Add({ id: 'a', n: 1 }));
    const answer = bench.consumer.submit(AddHere({ id: 'b', n: 2 }));
    await bench.quiet();
    expect([await answer, entered(bench)]).toEqual([2, [2]]);
  });

  it('is taken back later and later while the two do not agree, but within fifteen seconds', async () => {
    const bench = await new ConsumerBench([adding(Add)], { random: () => 0 }).start();
    const own = bench.store.own.bind(bench.store);
    let taken = 0;
    bench.store.own = (...of) => {
      taken += 1;
      return own(...of);
    };
    const waits: number[] = [];
    for (let loss = 0; loss < 6; loss += 1) {
      await own('shop', [0]);
      bench.deliver(Add({ id: 'a', n: loss }));
      await bench.quiet();
      let waited = 0;
      for (const before = taken; taken === before && waited < 20; waited += 1)
        await bench.pass(1_000);
      waits.push(waited);
    }
    expect(waits).toEqual([1, 2, 4, 8, 10, 10]);
  });

  it('stays with the other process when the broker agrees with that one', async () => {
    const bench = await new ConsumerBench([adding(Add)]).start();
    const [theirs] = await bench.store.own('shop', [0]);
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    await bench.passEach(1_000, 1_000, 10_000);
    const [next] = await bench.store.own('shop', [0]);
    expect(next?.epoch).toBe((theirs?.epoch ?? 0) + 1);
    expect(entered(bench)).toEqual([]);
  });
});

describe('a dead letter that holds its key', () => {
  it('frees it for those that come later when it is discarded', async () => {
    const never = Object.assign(new Error('never'), { retriable: false });
    const handler = adding(Add, (n) => (n === 1 ? never : undefined));
    const holding = { ...handler, options: { ...handler.options, holdsKey: true } };
    const bench = await new ConsumerBench([holding]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.store.deferred.clear();
    bench.consumer.wake();
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(entered(bench)).toEqual([2]);
  });

  it('frees it within a second when another replica discards it', async () => {
    const never = Object.assign(new Error('never'), { retriable: false });
    const handler = adding(Add, (n) => (n === 1 ? never : undefined));
    const holding = { ...handler, options: { ...handler.options, holdsKey: true } };
    const bench = await new ConsumerBench([holding]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.store.deferred.clear();
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.passEach(0, 1_000);
    bench.deliver(Add({ id: 'a', n: 3 }));
    await bench.quiet();
    expect(entered(bench)).toEqual([2, 3]);
  });
});
