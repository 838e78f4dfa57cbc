import { describe, expect, it } from '@jest/globals';
import { on } from './handler.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import { Add, adding, asking, counters, entered } from './testing/counters.fixture.ts';

const gone = () => Object.assign(new Error('gone'), { code: '57P01' });

describe('a consumer that stops while its database is away', () => {
  it('gives back a message that it was about to mark', async () => {
    const crashMarks = {
      open: async () => true,
      begin: () => Promise.reject(gone()),
      end: async () => undefined,
      clear: async () => undefined,
    };
    const bench = await new ConsumerBench([adding(Add)], { crashMarks }).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    const next = bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    const stopped = bench.consumer.stop();
    await bench.pass(2_000);
    await stopped;
    expect([next.givenBack(), entered(bench)]).toEqual([true, []]);
  });

  it('gives back a message whose call it was about to make', async () => {
    const { calls, handler } = asking();
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

describe('a shard that was lost', () => {
  it('takes what is in hand with it: nothing of it is written any more', async () => {
    const { calls, handler } = asking();
    const bench = await new ConsumerBench([handler]).start();
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    calls[0]?.answer();
    await bench.quiet();
    expect([delivery.acked(), entered(bench)]).toEqual([false, []]);
  });

  it('holds up no key when it comes back', async () => {
    const { calls, handler } = asking();
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

  it('takes the parked messages up again when it comes back', async () => {
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

  it('is forgotten with what is parked on its keys', async () => {
    const bench = await new ConsumerBench([
      adding(Add, (n) => (n === 1 ? new Error('no') : undefined)),
    ]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.listenerOf('shop').revoked([0]);
    bench.store.parked.clear();
    await bench.listenerOf('shop').assigned([0]);
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(entered(bench)).toEqual([2]);
  });
});
