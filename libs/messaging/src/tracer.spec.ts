import { beforeEach, describe, expect, it } from '@jest/globals';
import { command, encode, newId, reply, wrap } from '@waybill/message';
import { z } from 'zod';
import { on } from './handler.ts';
import { stateTable } from './state.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';
import type { Span, SpanStart, Tracer } from './tracer.ts';

const keyed = { key: (data: { id: string }) => data.id, summary: 'for tests' };
const schema = z.strictObject({ id: z.string(), n: z.int() });
const Add = command('shop.add', { ...keyed, schema });
const Added = reply('shop.added', { ...keyed, schema });
const counters = stateTable<{ id: string; total: number }>({ table: 'counters', id: 'id' });

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const caller = `00-${traceId}-00f067aa0ba902b7-01`;

interface FakeSpan extends SpanStart {
  readonly name: string;
  readonly traceparent: string;
  ended: Parameters<Span['end']>[0] | null;
}

class FakeTracer implements Tracer {
  readonly spans: FakeSpan[] = [];

  begin(name: string, start: SpanStart): Span {
    const number = String(this.spans.length + 1).padStart(16, '0');
    const span: FakeSpan = {
      ...start,
      name,
      traceparent: `00-${traceId}-${number}-01`,
      ended: null,
    };
    this.spans.push(span);
    return {
      traceparent: span.traceparent,
      end: (how = {}) => {
        span.ended ??= how;
      },
    };
  }

  named(name: string): readonly FakeSpan[] {
    return this.spans.filter((span) => span.name === name);
  }
}

describe('a traced consumer', () => {
  let tracer: FakeTracer;
  beforeEach(() => {
    tracer = new FakeTracer();
  });

  /** Each message adds `n` after its call, which fails while `trouble` returns an error. */
  const started = (call?: () => Promise<void>, trouble: () => unknown = () => undefined) => {
    const handler = on(Add, counters, {
      state: ({ id }) => id,
      ...(call ? { call } : {}),
      decide: (counter, { id, n }, { now }) => {
        const error = trouble();
        if (error !== undefined) throw error;
        const total = (counter?.total ?? 0) + n;
        return {
          changes: [counters.put({ id, total })],
          send: [Added({ id, n })],
          ended: [{ name: 'counting', since: new Date(now.getTime() - 60_000).toISOString() }],
        };
      },
    });
    return new ConsumerBench([handler], { tracer }).start();
  };

  function deliver(bench: ConsumerBench, traceparent: string | null, key = 'a'): void {
    const now = bench.clock.now();
    const id = newId(now);
    const cause = { id, correlationId: id, traceparent };
    bench.deliverBytes(
      encode(wrap(Add({ id: key, n: 1 }), { cause, source: 'order', now, name: 'test' })),
    );
  }

  it('has the processing of a message below its cause, and what it sends below that', async () => {
    const bench = await started();
    deliver(bench, caller);
    await bench.quiet();
    const [span] = tracer.named('process shop.add');
    expect(span).toMatchObject({
      kind: 'consumer',
      parent: caller,
      attributes: { 'messaging.system': 'bench', 'messaging.consumer.group.name': 'shop' },
      ended: { attributes: { 'message.outcome': 'applied' } },
    });
    expect(bench.sent.map(({ traceparent }) => traceparent)).toEqual([span?.traceparent]);
    const minuteAgo = new Date(bench.clock.now().getTime() - 60_000);
    expect(tracer.named('counting')).toMatchObject([
      { parent: span?.traceparent, since: minuteAgo, ended: {} },
    ]);
  });

  it.each([null, caller.replace(/01$/, '00'), 'no traceparent'])(
    'records nothing of a message with the traceparent %s, and passes it on',
    async (traceparent) => {
      const bench = await started();
      deliver(bench, traceparent);
      await bench.quiet();
      expect(tracer.spans).toEqual([]);
      expect(bench.sent).toMatchObject([{ traceparent }]);
    },
  );

  it('has a span for each attempt of a message, all below the same cause', async () => {
    let error: Error | undefined = new Error('not yet');
    const bench = await started(undefined, () => error);
    deliver(bench, caller);
    await bench.quiet();
    error = undefined;
    await bench.passEach(1_000, 1_000);
    expect(tracer.named('process shop.add')).toMatchObject([
      {
        parent: caller,
        ended: { error: new Error('not yet'), attributes: { 'message.outcome': 'deferred' } },
      },
      {
        parent: caller,
        attributes: { 'message.taken': 'deferred' },
        ended: { attributes: { 'message.outcome': 'applied', 'message.attempt': 1 } },
      },
    ]);
  });

  it('has one span for a message whose call takes so long that it is deferred', async () => {
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const bench = await started(() => answered);
    deliver(bench, caller);
    await bench.quiet();
    await bench.pass(2_500);
    expect(bench.open()).toBe(0);
    const [span, ...others] = tracer.named('process shop.add');
    expect([span?.ended, others]).toEqual([null, []]);
    answer();
    await bench.quiet();
    expect(span?.ended).toMatchObject({ attributes: { 'message.outcome': 'applied' } });
    expect(tracer.named('call shop.add')).toMatchObject([
      { kind: 'client', parent: span?.traceparent, ended: {} },
    ]);
    expect(tracer.named('process shop.add')).toHaveLength(1);
  });

  it('links a commit to each of its messages that is recorded', async () => {
    const bench = await started();
    for (const [key, traceparent] of [
      ['a', caller],
      ['b', null],
      ['c', caller],
    ] as const)
      deliver(bench, traceparent, key);
    await bench.quiet();
    expect(tracer.named('commit')).toMatchObject([
      {
        parent: null,
        links: tracer.named('process shop.add').map(({ traceparent }) => traceparent),
        attributes: { 'messaging.batch.message_count': 3 },
        ended: {},
      },
    ]);
    expect(tracer.named('process shop.add')).toHaveLength(2);
  });
});
