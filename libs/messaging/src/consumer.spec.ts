import { describe, expect, it } from '@jest/globals';
import { command, encode, event, local, type Message, newId, reply, wrap } from '@waybill/message';
import { z } from 'zod';
import type { ConsumerOptions } from './consumer.ts';
import { on, onDeadLetter } from './handler.ts';
import { appendOnlyTable, stateTable } from './state.ts';
import { BatchConflict, type CrashMarks } from './store.ts';
import { Overloaded, Unavailable } from './submitter.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';

const keyed = { key: (data: { id: string }) => data.id, summary: 'for tests' };
const Add = command('shop.add', {
  ...keyed,
  schema: z.strictObject({ id: z.string(), n: z.int() }),
});
const AddForever = command('shop.add-forever', {
  ...keyed,
  retry: 'unbounded',
  schema: z.strictObject({ id: z.string(), n: z.int() }),
});
const AddHere = local('shop.add-here', {
  ...keyed,
  schema: z.strictObject({ id: z.string(), n: z.int() }),
});
const Added = reply('shop.added', {
  ...keyed,
  schema: z.strictObject({ id: z.string(), total: z.int() }),
});
const Told = event('shop.told', { ...keyed, schema: z.strictObject({ id: z.string() }) });
const Died = reply('shop.died', {
  ...keyed,
  schema: z.strictObject({ id: z.string(), what: z.string(), letter: z.string() }),
});
const telling = onDeadLetter(({ key, type }, letter) => [
  Died({ id: key, what: type, letter: letter.id }) as Message,
]);

interface Counter {
  id: string;
  total: number;
}
const counters = stateTable<Counter>({
  table: 'counters',
  id: 'id',
});
const log = appendOnlyTable<{ n: number }>('log');

type Trouble = (n: number) => unknown;
const noTrouble: Trouble = () => undefined;

/** Adds `n` to a counter and answers the total; `trouble` may throw for an `n`. */
const adding = (contract: typeof Add, trouble: Trouble = noTrouble) =>
  on(contract, counters, {
    state: (data) => data.id,
    decide: (counter, { id, n }) => {
      const error = trouble(n);
      if (error !== undefined) throw error;
      const total = (counter?.total ?? 0) + n;
      return {
        changes: [counters.put({ id, total }), log.entry({ n })],
        send: [Added({ id, total })],
        answer: total,
      };
    },
  });

const benchOf = (trouble: Trouble = noTrouble) =>
  new ConsumerBench([
    adding(Add, trouble),
    adding(AddForever, trouble),
    adding(AddHere, trouble),
  ]).start();

const total = (bench: ConsumerBench, id: string) =>
  (bench.store.states.get(`counters/${id}`)?.value as Counter | undefined)?.total;
const entered = (bench: ConsumerBench) =>
  bench.store.entries.map(({ row }) => (row as { n: number }).n);
const outcome = (bench: ConsumerBench, id: string, group = 'shop') =>
  bench.store.inbox.get(`${group}/${id}`)?.outcome;
const wrappedAdd = (bench: ConsumerBench) => {
  const now = bench.clock.now();
  const id = newId(now);
  const cause = { id, correlationId: id, traceparent: null };
  return wrap(Add({ id: 'a', n: 1 }), { cause, source: 'order', now, name: 'test' });
};
const refused = (n: number) =>
  Object.assign(new Error(`no ${n}`), { retriable: false, code: 'refused' });

describe('a consumer', () => {
  it('writes inbox, state, journal and outbox of a message in one commit, and acks after it', async () => {
    const bench = await benchOf();
    const delivery = bench.deliver(Add({ id: 'a', n: 2 }));
    expect(delivery.acked()).toBe(false);
    await bench.quiet();
    expect(delivery.acked()).toBe(true);
    expect(bench.store.commits).toBe(1);
    expect(total(bench, 'a')).toBe(2);
    expect(outcome(bench, delivery.id)).toBe('applied');
    expect(bench.sent.map((e) => e.type)).toEqual(['shop.added']);
    expect(bench.sent[0]).toMatchObject({
      causationId: delivery.id,
      correlationId: delivery.id,
      source: 'shop',
      sequence: 1,
    });
  });

  it('takes all that has queued into one batch, where later messages see earlier effects', async () => {
    const bench = await benchOf();
    for (const n of [1, 2, 3]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    expect(bench.batches).toEqual([3]);
    expect(bench.store.commits).toBe(1);
    expect(bench.sent.map((e) => (e.data as Counter).total)).toEqual([1, 3, 6]);
    expect(bench.store.states.get('counters/a')?.version).toBe(3);
  });

  it('reads the state of a key once: what it has written it remembers', async () => {
    const bench = await benchOf();
    const load = bench.store.load.bind(bench.store);
    let loads = 0;
    bench.store.load = (refs) => {
      loads += 1;
      return load(refs);
    };
    for (const n of [1, 2, 3]) {
      bench.deliver(Add({ id: 'a', n }));
      await bench.quiet();
    }
    expect([loads, total(bench, 'a')]).toEqual([1, 6]);
  });

  it('never puts more than the limit into one batch', async () => {
    const bench = await new ConsumerBench([adding(Add)], { batchSize: 2 }).start();
    for (const n of [1, 2, 3, 4, 5]) bench.deliver(Add({ id: 'a', n }));
    await bench.quiet();
    expect(bench.batches).toEqual([2, 2, 1]);
  });

  it('waits for more messages where it gathers, but not when its batch is full or it stops', async () => {
    const options = { batchSize: 3, gather: 10 };
    const bench = await new ConsumerBench([adding(Add)], options).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    expect(bench.batches).toEqual([]);
    await bench.pass(10);
    expect(bench.batches).toEqual([2]);
    for (const n of [3, 4, 5]) bench.deliver(Add({ id: 'c', n }));
    await bench.quiet();
    expect(bench.batches).toEqual([2, 3]);
    const left = bench.deliver(Add({ id: 'd', n: 6 }));
    await bench.quiet();
    const stopped = bench.consumer.stop();
    await bench.pass(10);
    await stopped;
    expect([bench.batches, left.givenBack()]).toEqual([[2, 3], true]);
  });

  it('changes nothing when a message comes twice, in one batch or later', async () => {
    const bench = await benchOf();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    const duplicate = bench.deliver(Add({ id: 'a', n: 1 }), { id });
    await bench.quiet();
    const late = bench.deliver(Add({ id: 'a', n: 1 }), { id });
    bench.deliver(Add({ id: 'b', n: 5 }));
    await bench.quiet();
    expect([duplicate.acked(), late.acked()]).toEqual([true, true]);
    expect(entered(bench)).toEqual([1, 5]);
  });

  it('names its messages again when it decides again', async () => {
    const bench = await benchOf();
    let conflicts = 1;
    bench.store.failWith = () => (conflicts-- > 0 ? new BatchConflict('serialization') : undefined);
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    const again = await benchOf();
    again.deliver(Add({ id: 'a', n: 1 }), { id });
    await again.quiet();
    expect(bench.sent[0]?.id).toBe(again.sent[0]?.id);
  });

  it('decides on the state of another writer after a lost race, and counts no attempt', async () => {
    const bench = await benchOf();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.store.states.set('counters/a', { value: { id: 'a', total: 100 }, version: 7 });
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect(total(bench, 'a')).toBe(101);
    expect(bench.store.inbox.get(`shop/${id}`)?.attempt).toBe(0);
  });
});

describe('a message that fails', () => {
  it('is deferred and retried on its schedule, with the later ones of its key behind it and other keys passing', async () => {
    let broken = true;
    const bench = await benchOf((n) => (broken && n === 1 ? new Error('not yet') : undefined));
    const first = bench.deliver(Add({ id: 'a', n: 1 }));
    const second = bench.deliver(Add({ id: 'a', n: 2 }));
    bench.deliver(Add({ id: 'b', n: 9 }));
    await bench.quiet();
    const third = bench.deliver(Add({ id: 'a', n: 3 }));
    await bench.quiet();
    expect([first, second, third].map((d) => [d.acked(), outcome(bench, d.id)])).toEqual(
      Array(3).fill([true, 'parked']),
    );
    expect(entered(bench)).toEqual([9]);
    broken = false;
    await bench.pass(99);
    expect(entered(bench)).toEqual([9]);
    await bench.pass(1);
    expect(entered(bench)).toEqual([9, 1, 2, 3]);
    expect(bench.store.deferred.size).toBe(0);
    expect(outcome(bench, third.id)).toBe('applied');
  });

  it('is a dead letter with its bytes, cause and attempts after five of them, and its key goes on', async () => {
    const bench = await benchOf((n) => (n === 1 ? new Error('never') : undefined));
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    await bench.passEach(100, 1_000, 11_000, 61_000);
    expect(bench.store.dead).toMatchObject([
      { group: 'shop', messageId: id, attempts: 5, error: 'never', handler: 'shop:shop.add' },
    ]);
    expect(JSON.parse(bench.store.dead[0]?.body ?? '').data).toEqual({ id: 'a', n: 1 });
    expect(bench.store.dead[0]?.stack).toContain('never');
    expect(bench.deadLettered).toEqual([id]);
    expect(entered(bench)).toEqual([2]);
    expect(outcome(bench, id)).toBe('dead');
  });

  it('is a dead letter with its bytes as they came, not as this release would write them', async () => {
    const bench = await benchOf(() => new Error('never'));
    const bytes = JSON.stringify({ of: 'another release', ...wrappedAdd(bench) }, null, 2);
    bench.deliverBytes(bytes);
    await bench.quiet();
    await bench.passEach(100, 1_000, 11_000, 61_000);
    expect(bench.store.dead).toMatchObject([{ body: bytes, attempts: 5 }]);
  });

  it('is retried for ever when its contract says so', async () => {
    let broken = true;
    const bench = await benchOf(() => (broken ? new Error('not yet') : undefined));
    bench.deliver(AddForever({ id: 'a', n: 1 }));
    await bench.quiet();
    for (let i = 0; i < 30; i += 1) await bench.pass(31_000);
    expect(bench.store.dead).toEqual([]);
    broken = false;
    await bench.pass(31_000);
    expect(entered(bench)).toEqual([1]);
  });

  it('is dead at once when its error says that no retry can help', async () => {
    const bench = await benchOf((n) => (n === 1 ? refused(1) : undefined));
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(bench.store.dead).toMatchObject([{ code: 'refused', attempts: 1 }]);
    expect(entered(bench)).toEqual([2]);
  });

  it('counts no attempt while what it needs is known to be away', async () => {
    let open = true;
    const bench = await benchOf(() =>
      open ? Object.assign(new Error('open'), { countsAsAttempt: false }) : undefined,
    );
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    for (let i = 0; i < 50; i += 1) await bench.pass(200);
    expect(bench.store.deferred.get(`shop/${id}`)?.attempt).toBe(0);
    open = false;
    await bench.pass(200);
    expect(entered(bench)).toEqual([1]);
  });

  it('sends what its hooks return in the transaction that stores it', async () => {
    const refusing = adding(Add, () => refused(1));
    const bench = await new ConsumerBench([refusing], { deadLetterHooks: [telling] }).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    const [letter] = bench.store.dead;
    expect(bench.sent).toMatchObject([
      { type: Died.type, key: 'a', data: { what: Add.type, letter: `shop.${letter?.id}` } },
    ]);
  });

  it('becomes a decision in place of a dead letter when the handler has one', async () => {
    const giving = on(Add, counters, {
      state: (data) => data.id,
      giveUpAfter: 1_050,
      decide: () => {
        throw new Error('away');
      },
      onRetriesExhausted: (_, { id }) => ({ send: [Told({ id })] }),
    });
    const bench = await new ConsumerBench([giving]).start();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect(bench.sent).toEqual([]);
    // The next attempt would begin 1,100 ms after the message arrived.
    await bench.pass(100);
    expect(bench.sent.map((e) => e.type)).toEqual(['shop.told']);
    expect(outcome(bench, id)).toBe('applied');
    expect(bench.store.dead).toEqual([]);
  });

  it('holds its key after its death when the handler says so', async () => {
    const holding = on(Add, counters, {
      state: (data) => data.id,
      holdsKey: true,
      decide: (_, { id, n }) => {
        if (n === 1) throw refused(1);
        return { changes: [counters.put({ id, total: n })] };
      },
    });
    const bench = await new ConsumerBench([holding]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'a', n: 2 }));
    bench.deliver(Add({ id: 'b', n: 3 }));
    await bench.quiet();
    await bench.pass(120_000);
    expect(bench.store.dead).toHaveLength(1);
    expect([total(bench, 'a'), total(bench, 'b')]).toEqual([undefined, 3]);
  });
});

describe('a decision that cannot be carried out', () => {
  const told = on(Add, counters, {
    state: (data) => data.id,
    decide: (counter, { id, n }) => ({
      changes: [counters.put({ id, total: (counter?.total ?? 0) + n }), log.entry({ n })],
      send: [
        n === 13
          ? ({ ...Told({ id }), data: { id, text: 'x'.repeat(1_100_000) } } as never)
          : Told({ id }),
      ],
    }),
  });

  it('leaves nothing behind when what it sends is larger than a broker should carry', async () => {
    const bench = await new ConsumerBench([told]).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'a', n: 13 }));
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(bench.store.dead).toMatchObject([{ code: 'message_too_large', attempts: 1 }]);
    expect(entered(bench)).toEqual([1, 2]);
    expect([total(bench, 'a'), bench.store.states.get('counters/a')?.version]).toEqual([3, 2]);
  });

  it('fails its message alone when the handler cannot even name its state', async () => {
    const lost = on(Add, counters, {
      state: ({ id, n }) => {
        if (n === 13) throw new TypeError('no state for 13');
        return id;
      },
      decide: (_, { id, n }) => ({ changes: [counters.put({ id, total: n })] }),
    });
    const bench = await new ConsumerBench([lost]).start();
    bench.deliver(Add({ id: 'a', n: 13 }));
    bench.deliver(Add({ id: 'b', n: 2 }));
    await bench.quiet();
    expect(total(bench, 'b')).toBe(2);
    expect([...bench.store.deferred.values()]).toMatchObject([{ error: 'no state for 13' }]);
  });

  it('blames the message, not the database, when its store cannot take what was decided', async () => {
    const bench = await benchOf();
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      if (batch.entries.some(({ row }) => (row as { n: number }).n === 13))
        throw new TypeError('no such table');
      return commit(batch);
    };
    for (const n of [1, 13, 2]) bench.deliver(Add({ id: `k${n}`, n }));
    await bench.quiet();
    expect(entered(bench)).toEqual([1, 2]);
    expect([...bench.store.deferred.values()]).toMatchObject([
      { key: 'k13', error: 'no such table' },
    ]);
  });
});

describe('what no handler can read', () => {
  it.each([
    ['invalid JSON', '{', 'malformed_envelope'],
    ['no envelope', '[]', 'malformed_envelope'],
    ['U+0000', '{"a":"\u0000"', 'malformed_envelope'],
  ])('is a dead letter with its bytes: %s', async (_, bytes, code) => {
    const bench = await benchOf();
    const delivery = bench.deliverBytes(bytes);
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    expect(delivery.acked()).toBe(true);
    expect(bench.store.dead).toMatchObject([{ code, body: bytes, messageId: null }]);
    expect(entered(bench)).toEqual([1]);
  });

  it('is a dead letter when its type is unknown to the group or its data break the schema', async () => {
    const bench = await benchOf();
    bench.deliver(Told({ id: 'a' }));
    const bad = { ...Add({ id: 'a', n: 1 }), data: { id: 'a', n: 'x', extra: 1 } };
    bench.deliver(bad as never);
    await bench.quiet();
    expect(bench.store.dead.map((d) => d.code)).toEqual(['unknown_type', 'invalid_message']);
    expect(bench.store.dead[1]?.error).toContain('/n');
  });

  it('is a dead letter when its broker gave it up, readable or not', async () => {
    const bench = await benchOf();
    const wrapped = wrappedAdd(bench);
    for (const body of [encode(wrapped), '{"dataRef":']) {
      bench.deliverBytes(body, { gaveUp: 'received 50 times' });
    }
    await bench.quiet();
    expect(bench.store.dead).toMatchObject([
      { code: 'given_up', error: 'received 50 times', messageId: wrapped.id },
      { code: 'given_up', messageId: null },
    ]);
    expect(entered(bench)).toEqual([]);
  });

  it('is a dead letter when its time was over before it came', async () => {
    const bench = await benchOf();
    bench.deliverBytes(encode(wrappedAdd(bench)), { expired: true });
    await bench.quiet();
    expect(bench.store.dead.map(({ code }) => code)).toEqual(['expired']);
    expect(entered(bench)).toEqual([]);
  });

  it('is a dead letter when its id is older than what the inbox remembers', async () => {
    const oldest = Date.parse('2026-01-02T00:00:00Z');
    const bench = await new ConsumerBench([adding(Add), adding(AddHere)], {
      oldest: () => oldest,
    }).start();
    bench.deliver(Add({ id: 'a', n: 1 }), { id: newId(new Date(oldest - 1)) });
    bench.deliver(Add({ id: 'a', n: 2 }), { id: newId(new Date(oldest)) });
    const called = bench.consumer.submit(AddHere({ id: 'a', n: 3 }), {
      id: newId(new Date(oldest - 1)),
    });
    await bench.quiet();
    expect(await called).toBe(5);
    expect(bench.store.dead.map(({ code }) => code)).toEqual(['too_old']);
    expect(entered(bench)).toEqual([2, 3]);
  });

  it('is told to its hooks also when its data break the schema, or no handler knows it', async () => {
    const unknown = command('shop.unknown', {
      ...keyed,
      schema: z.strictObject({ id: z.string() }),
    });
    const bench = await new ConsumerBench([adding(Add)], { deadLetterHooks: [telling] }).start();
    bench.deliver({ ...Add({ id: 'a', n: 1 }), data: { id: 'a', n: 'x' } } as never);
    bench.deliver(unknown({ id: 'b' }));
    await bench.quiet();
    expect(bench.store.dead.map((d) => d.code)).toEqual(['invalid_message', 'unknown_type']);
    expect(bench.sent.map(({ type, key }) => `${type} ${key}`)).toEqual([
      'shop.died a',
      'shop.died b',
    ]);
  });

  it('waits, and is not dead, when it is a newer version of a known type', async () => {
    const newer = command('shop.add', {
      ...keyed,
      version: 2,
      schema: z.strictObject({ id: z.string() }),
    });
    const bench = await benchOf();
    const { id } = bench.deliver(newer({ id: 'a' }) as never);
    await bench.quiet();
    expect(bench.store.deferred.get(`shop/${id}`)).toMatchObject({ reason: 'newer', attempt: 0 });
    expect(bench.store.dead).toEqual([]);
  });
});

describe('a batch that the database refuses', () => {
  const poison = (bench: ConsumerBench, code: string) => {
    bench.store.failWith = (batch) =>
      batch.entries.some(({ row }) => (row as { n: number }).n === 13)
        ? Object.assign(new Error('check violated'), { code })
        : undefined;
  };

  it('is halved until the message to blame stands alone, and its neighbours are applied', async () => {
    const bench = await benchOf();
    poison(bench, '23514');
    for (const n of [1, 2, 13, 4, 5]) bench.deliver(Add({ id: `k${n}`, n }));
    await bench.quiet();
    expect(entered(bench)).toEqual([1, 2, 4, 5]);
    expect([...bench.store.deferred.values()]).toMatchObject([
      { key: 'k13', attempt: 1, error: 'check violated' },
    ]);
    await bench.passEach(100, 1_000, 11_000, 61_000);
    expect(bench.store.dead).toMatchObject([{ key: 'k13', attempts: 5 }]);
  });

  it('is held while the database is away: nothing is acked, nobody is blamed, nothing is lost', async () => {
    const bench = await benchOf();
    let away = true;
    bench.store.failWith = () =>
      away ? Object.assign(new Error('gone'), { code: '57P01' }) : undefined;
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    for (let i = 0; i < 20; i += 1) await bench.pass(2_000);
    expect(delivery.acked()).toBe(false);
    away = false;
    await bench.pass(2_000);
    expect(delivery.acked()).toBe(true);
    expect(bench.store.inbox.get(`shop/${delivery.id}`)).toMatchObject({
      outcome: 'applied',
      attempt: 0,
    });
  });

  it('is run again and found done when only the answer of its commit was lost', async () => {
    const bench = await benchOf();
    let lost = true;
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      const committed = await commit(batch);
      if (!lost) return committed;
      lost = false;
      throw Object.assign(new Error('connection lost'), { code: '08006' });
    };
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(1_000);
    expect(delivery.acked()).toBe(true);
    expect(entered(bench)).toEqual([1]);
  });

  it('is dropped when another owner has its partition, and only that part of it', async () => {
    const bench = await benchOf();
    await bench.listenerOf('shop').assigned([1]);
    await bench.store.own('shop', [0]);
    const stale = bench.deliver(Add({ id: 'a', n: 1 }), { partition: 0 });
    bench.deliver(Add({ id: 'b', n: 2 }), { partition: 1 });
    await bench.quiet();
    expect(stale.acked()).toBe(false);
    expect(entered(bench)).toEqual([2]);
  });
});

describe('a call to the outside', () => {
  const calling = (more: { readonly prefetch?: number } = {}) => {
    const calls: {
      n: number;
      seen: number | undefined;
      answer: (value: number) => void;
      fail: (error: unknown) => void;
    }[] = [];
    const handler = on(Add, counters, {
      ...more,
      state: (data) => data.id,
      call: (counter: Counter | undefined, { n }) =>
        new Promise<number>((answer, fail) =>
          calls.push({ n, seen: counter?.total, answer, fail }),
        ),
      decide: (counter, { id }, { answer }) => ({
        changes: [
          counters.put({ id, total: (counter?.total ?? 0) + answer }),
          log.entry({ n: answer }),
        ],
      }),
    });
    const start = (options: Partial<ConsumerOptions> = {}) =>
      new ConsumerBench([handler], options).start();
    return { calls, start };
  };

  it('happens before the decision, and holds only its own key', async () => {
    const { calls, start } = calling();
    const bench = await start();
    bench.deliver(Add({ id: 'slow', n: 1 }));
    bench.deliver(Add({ id: 'slow', n: 2 }));
    bench.deliver(Add({ id: 'quick', n: 3 }));
    await bench.quiet();
    expect(calls.map((c) => c.n)).toEqual([1, 3]);
    calls[1]?.answer(30);
    await bench.quiet();
    expect(entered(bench)).toEqual([30]);
    calls[0]?.answer(10);
    await bench.quiet();
    expect(calls[2]).toMatchObject({ n: 2, seen: 10 });
    calls[2]?.answer(20);
    await bench.quiet();
    expect(entered(bench)).toEqual([30, 10, 20]);
  });

  it('gives its place at the broker free after two seconds, and is applied when it is answered', async () => {
    const { calls, start } = calling();
    const bench = await start();
    const first = bench.deliver(Add({ id: 'a', n: 1 }));
    const second = bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    await bench.pass(2_000);
    expect([first.acked(), second.acked(), bench.open()]).toEqual([true, true, 0]);
    expect(bench.store.deferred.get(`shop/${first.id}`)?.reason).toBe('asking');
    expect(calls).toHaveLength(1);
    calls[0]?.answer(10);
    await bench.quiet();
    await bench.quiet();
    calls[1]?.answer(20);
    await bench.quiet();
    expect(entered(bench)).toEqual([10, 20]);
    expect(bench.store.deferred.size).toBe(0);
  });

  it('keeps its place while it lasts when its handler has a prefetch', async () => {
    const { calls, start } = calling({ prefetch: 1 });
    const bench = await start();
    const first = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(60_000);
    expect([first.acked(), bench.open(), bench.store.deferred.size]).toEqual([false, 1, 0]);
    calls[0]?.answer(10);
    await bench.quiet();
    expect([first.acked(), entered(bench)]).toEqual([true, [10]]);
  });

  it('is applied although it is answered just while its message is being deferred', async () => {
    const { calls, start } = calling();
    const bench = await start();
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      const committed = await commit(batch);
      calls[0]?.answer(10);
      await new Promise((resolve) => setImmediate(resolve));
      return committed;
    };
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(2_000);
    await bench.quiet();
    expect(entered(bench)).toEqual([10]);
    expect(bench.store.deferred.size).toBe(0);
  });

  it('is retried when it fails, with the later ones of its key behind it', async () => {
    const { calls, start } = calling();
    const bench = await start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    calls[0]?.fail(new Error('timed out'));
    await bench.quiet();
    expect(bench.store.deferred.size).toBe(2);
    await bench.pass(100);
    calls[1]?.answer(10);
    await bench.quiet();
    calls[2]?.answer(20);
    await bench.quiet();
    expect(calls.map((c) => c.n)).toEqual([1, 1, 2]);
    expect(entered(bench)).toEqual([10, 20]);
  });

  it('keeps its answer when its batch is run again', async () => {
    const { calls, start } = calling();
    const bench = await start();
    let conflicts = 2;
    bench.store.failWith = () =>
      conflicts-- > 0 ? new BatchConflict('version', ['counters/a']) : undefined;
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    calls[0]?.answer(10);
    await bench.quiet();
    expect(calls).toHaveLength(1);
    expect(entered(bench)).toEqual([10]);
  });

  it('is made again after a crash, because its message is still deferred as asking', async () => {
    const { start } = calling();
    const bench = await start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.pass(2_000);
    const successor = calling();
    const next = await successor.start({ store: bench.store, clock: bench.clock });
    successor.calls[0]?.answer(10);
    await next.quiet();
    expect(entered(bench)).toEqual([10]);
    expect(bench.store.deferred.size).toBe(0);
  });
});

describe('a caller', () => {
  it('gets the answer of its decision after the commit', async () => {
    const bench = await benchOf();
    const answer = bench.consumer.submit(AddHere({ id: 'a', n: 4 }));
    expect(await answer).toBe(4);
    expect(bench.store.commits).toBe(1);
  });

  it('is told when the database does not answer in time', async () => {
    const bench = await benchOf();
    bench.store.commit = () => new Promise(() => undefined);
    const answer = bench.consumer.submit(AddHere({ id: 'a', n: 4 }), { deadline: 700 });
    const patient = bench.consumer.submit(AddHere({ id: 'a', n: 4 }));
    const ends: string[] = [];
    for (const [name, each] of Object.entries({ answer, patient }))
      each.catch((error) => ends.push(`${name} ${error instanceof Unavailable}`));
    await bench.passEach(699, 1);
    expect(ends).toEqual(['answer true']);
    await bench.pass(4_300);
    expect(ends).toEqual(['answer true', 'patient true']);
  });

  it('shares the batch with all who call at the same time', async () => {
    const bench = await benchOf();
    const answers = [1, 2, 3].map((n) => bench.consumer.submit(AddHere({ id: 'a', n })));
    expect(await Promise.all(answers)).toEqual([1, 3, 6]);
    expect(bench.store.commits).toBe(1);
  });

  it('is told the error of its decision, and nothing is written', async () => {
    const bench = await benchOf((n) => (n === 1 ? refused(1) : undefined));
    const bad = bench.consumer.submit(AddHere({ id: 'a', n: 1 }));
    const good = bench.consumer.submit(AddHere({ id: 'a', n: 2 }));
    await expect(bad).rejects.toMatchObject({ code: 'refused' });
    expect(await good).toBe(2);
    expect(bench.store.inbox.size).toBe(1);
  });

  it('has one effect when it calls twice under one id, and an answer both times', async () => {
    const bench = await benchOf();
    const id = '01890000-0000-7000-8000-000000000009';
    await bench.consumer.submit(AddHere({ id: 'a', n: 4 }), { id });
    expect(await bench.consumer.submit(AddHere({ id: 'a', n: 4 }), { id })).toBeDefined();
    expect(total(bench, 'a')).toBe(4);
  });

  it('is told at once when the database is away', async () => {
    const bench = await benchOf();
    bench.store.failWith = () => Object.assign(new Error('gone'), { code: '57P01' });
    await expect(bench.consumer.submit(AddHere({ id: 'a', n: 1 }))).rejects.toBeInstanceOf(
      Unavailable,
    );
  });

  it('is refused when others have waited too long already', async () => {
    const bench = await benchOf();
    let release: () => void = () => undefined;
    const commit = bench.store.commit.bind(bench.store);
    bench.store.commit = async (batch) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return commit(batch);
    };
    const inBatch = bench.consumer.submit(AddHere({ id: 'a', n: 1 }));
    await bench.quiet();
    const waiting = bench.consumer.submit(AddHere({ id: 'a', n: 2 }));
    bench.clock.advance(251);
    await expect(bench.consumer.submit(AddHere({ id: 'a', n: 3 }))).rejects.toBeInstanceOf(
      Overloaded,
    );
    release();
    await bench.quiet();
    release();
    expect(await Promise.all([inBatch, waiting])).toEqual([1, 3]);
  });
});

describe('after a stop that was not in order', () => {
  const marks = (before: Readonly<Record<string, number>> = {}) => {
    const starts = new Map(Object.entries(before));
    const begun: string[][] = [];
    const cleared: (readonly string[])[] = [];
    const crashMarks: CrashMarks = {
      open: async () => ({ unclean: true, suspects: [...starts.keys()] }),
      begin: async (ids) => {
        begun.push([...ids]);
        for (const id of ids) starts.set(id, (starts.get(id) ?? 0) + 1);
        return new Map(ids.map((id) => [id, starts.get(id) ?? 0]));
      },
      end: async (ids) => {
        for (const id of ids) starts.delete(id);
      },
      clear: async ({ sparing }) => void cleared.push(sparing),
    };
    return { starts, begun, cleared, crashMarks };
  };
  const ids = [1, 2, 3, 4].map((n) => `01890000-0000-7000-8000-00000000000${n}`);
  const [one = '', two = '', three = '', four = ''] = ids;
  const afterCrash = async ({ crashMarks }: ReturnType<typeof marks>) => {
    const bench = await new ConsumerBench([adding(Add)], { crashMarks }).start();
    for (const [i, id] of ids.entries()) bench.deliver(Add({ id: 'a', n: i + 1 }), { id });
    await bench.quiet();
    return bench;
  };

  it('marks no caller: what it asks for does not come again', async () => {
    const { begun, crashMarks } = marks();
    const bench = await new ConsumerBench([adding(AddHere)], { crashMarks }).start();
    await bench.consumer.submit(AddHere({ id: 'a', n: 1 }));
    expect(begun).toEqual([]);
  });

  it('begins the first messages in batches, each marked before it begins and no longer than it runs', async () => {
    const marked = marks();
    const bench = await afterCrash(marked);
    expect([bench.batches, marked.begun, marked.starts.size]).toEqual([[4], [ids], 0]);
  });

  it('runs alone what was in hand when the process died again, and the others between them together', async () => {
    const marked = marks({ [three]: 1 });
    const bench = await afterCrash(marked);
    expect(marked.begun).toEqual([[one, two], [three], [four]]);
    expect([bench.batches, entered(bench)]).toEqual([
      [2, 1, 1],
      [1, 2, 3, 4],
    ]);
  });

  it('buries the message that took the process down in a batch and three times alone, and goes on', async () => {
    const bench = await afterCrash(marks({ [one]: 3, [two]: 4 }));
    expect(bench.store.dead).toMatchObject([{ messageId: two, code: 'crashed_consumer' }]);
    expect(entered(bench)).toEqual([1, 3, 4]);
  });

  it('finds the one message that takes it down, and buries no other', async () => {
    const marked = marks();
    let crashes = 0;
    let deadLettered: readonly unknown[] = [];
    // A crashed process marks nothing more and removes no mark; before the first crash nothing is marked.
    for (let died = true; died; crashes += died ? 1 : 0) {
      died = false;
      const handler = adding(Add, (n) => {
        if (n === 3) died = true;
      });
      const stillThere = () => (died ? new Promise<never>(() => {}) : undefined);
      const crashMarks: CrashMarks = {
        ...marked.crashMarks,
        open: async () => ({ unclean: crashes > 0, suspects: [...marked.starts.keys()] }),
        begin: async (begun) => (await stillThere()) ?? marked.crashMarks.begin(begun),
        end: async (ended) => (await stillThere()) ?? marked.crashMarks.end(ended),
      };
      const bench = await new ConsumerBench([handler], { crashMarks }).start();
      for (const [i, id] of ids.entries()) bench.deliver(Add({ id: 'a', n: i + 1 }), { id });
      await bench.quiet();
      deadLettered = bench.store.dead;
    }
    expect(crashes).toBe(5);
    expect(deadLettered).toMatchObject([{ messageId: three, code: 'crashed_consumer' }]);
  });

  it('takes no retry for a crash', async () => {
    const { crashMarks } = marks();
    let attempts = 0;
    const handler = adding(Add, () => {
      attempts += 1;
      return attempts < 5 ? new Error('not yet') : undefined;
    });
    const bench = await new ConsumerBench([handler], { crashMarks }).start();
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.passEach(200, 1_500, 15_000, 90_000);
    expect([attempts, outcome(bench, id)]).toEqual([5, 'applied']);
  });

  it('marks nothing any more after two hundred messages', async () => {
    const { begun, cleared, crashMarks } = marks();
    const bench = await new ConsumerBench([adding(Add)], { crashMarks }).start();
    for (let round = 0; round < 5; round += 1) {
      for (let n = 0; n < 60; n += 1) bench.deliver(Add({ id: `k${n}`, n }));
      await bench.quiet();
    }
    expect(begun.flat()).toHaveLength(240);
    expect(cleared).toEqual([[]]);
  });

  it('still runs alone what is under suspicion and comes after the others', async () => {
    const { begun, cleared, crashMarks } = marks({ [three]: 1 });
    const bench = await new ConsumerBench([adding(Add)], { crashMarks }).start();
    for (let n = 0; n < 200; n += 1) bench.deliver(Add({ id: `k${n}`, n }));
    await bench.quiet();
    expect(cleared).toEqual([[three]]);
    for (const [i, id] of ids.entries()) bench.deliver(Add({ id: 'a', n: i + 1 }), { id });
    await bench.quiet();
    expect(begun.slice(-2)).toEqual([[one, two], [three]]);
    expect(bench.batches.slice(-3)).toEqual([2, 1, 1]);
  });
});

describe('a deferred message', () => {
  it('is handled although the inbox has forgotten the time it came from', async () => {
    let broken = true;
    let oldest: number | null = null;
    const bench = await new ConsumerBench(
      [adding(Add, () => (broken ? new Error('not yet') : undefined))],
      { oldest: () => oldest },
    ).start();
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    broken = false;
    oldest = bench.clock.now().getTime() + 1;
    await bench.pass(100);
    expect(entered(bench)).toEqual([1]);
  });

  it('is looked for at once when somebody says that there are some', async () => {
    const bench = await benchOf((n) => (n === 1 ? new Error('not yet') : undefined));
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    const [name, row] = [`shop/${id}`, bench.store.deferred.get(`shop/${id}`)];
    const body = row?.body.replace('"n":1', '"n":2');
    bench.store.deferred.set(name, { ...row, body, dueAt: null } as typeof row & object);
    bench.consumer.wake();
    await bench.quiet();
    expect(entered(bench)).toEqual([2]);
  });

  it('is not begun again by a redelivery before its time', async () => {
    let attempts = 0;
    const bench = await benchOf((n) => {
      if (n === 1) attempts += 1;
      return n === 1 ? new Error('not yet') : undefined;
    });
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    bench.deliver(Add({ id: 'a', n: 1 }), { id });
    bench.deliver(Add({ id: 'a', n: 2 }));
    await bench.quiet();
    expect(attempts).toBe(1);
    expect(entered(bench)).toEqual([]);
  });

  it('has one effect when it is read again by a poll that began before its commit', async () => {
    let broken = true;
    const bench = await benchOf(() => (broken ? new Error('not yet') : undefined));
    const { id } = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    const [stale] = await bench.store
      .due('shop', [0], 1)
      .then(async () => [...bench.store.deferred.values()]);
    broken = false;
    await bench.pass(100);
    expect(entered(bench)).toEqual([1]);
    if (stale) bench.store.due = async () => [stale];
    await bench.pass(1_000);
    await bench.pass(1_000);
    expect(entered(bench)).toEqual([1]);
    expect(outcome(bench, id)).toBe('applied');
  });
});

describe('a consumer that stops', () => {
  it('says that it stopped in order', async () => {
    const cleared: unknown[] = [];
    const crashMarks: CrashMarks = {
      open: async () => ({ unclean: false, suspects: [] }),
      begin: async () => new Map(),
      end: async () => undefined,
      clear: async (options) => void cleared.push(options),
    };
    const bench = await new ConsumerBench([adding(Add)], { crashMarks }).start();
    expect(cleared).toEqual([]);
    await bench.consumer.stop();
    expect(cleared).toEqual([{ running: false, sparing: [] }]);
  });

  it('looks for nothing and takes nothing back any more', async () => {
    const bench = await benchOf(() => new Error('not yet'));
    bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.quiet();
    await bench.store.own('shop', [0]);
    bench.deliver(Add({ id: 'b', n: 1 }));
    await bench.quiet();
    await bench.consumer.stop();
    const asked: string[] = [];
    bench.store.due = async () => asked.splice(0, 0, 'due') as never;
    bench.store.own = async () => asked.splice(0, 0, 'own') as never;
    await bench.passEach(1_000, 10_000);
    expect(asked).toEqual([]);
  });

  it('finishes the batch in hand and takes nothing more', async () => {
    const bench = await benchOf();
    const delivery = bench.deliver(Add({ id: 'a', n: 1 }));
    await bench.consumer.stop();
    expect(delivery.acked() || delivery.givenBack()).toBe(true);
    await expect(bench.consumer.submit(AddHere({ id: 'a', n: 1 }))).rejects.toBeInstanceOf(
      Unavailable,
    );
  });
});
