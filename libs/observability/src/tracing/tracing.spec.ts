import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import { SpanReceiver } from '../testing/index.ts';
import type { Sampling } from './sampling.ts';
import { endRequest, Tracing } from './tracing.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const caller = (flags: string) => `00-${traceId}-00f067aa0ba902b7-${flags}`;

describe('traces', () => {
  let receiver: SpanReceiver;
  let endpoint: string;
  let troubles: unknown[];
  beforeEach(async () => {
    receiver = new SpanReceiver();
    endpoint = await receiver.listen();
    troubles = [];
  });
  afterEach(() => receiver.close());

  const tracing = (sampling: Partial<Sampling> = {}, url = endpoint) =>
    Tracing.on({
      service: 'shelf',
      url: `${url}/v1/traces`,
      sampler: 'parentbased_always_on',
      ratio: 1,
      onTrouble: (error) => troubles.push(error),
      ...sampling,
    });

  const name = () => 'GET /books/:id';

  it('are exported with what a request causes below the request', async () => {
    const traces = await tracing();
    const { trace, span } = traces.request(caller('01'), name);
    const cause = traces.tracer?.begin('process book.lent', {
      kind: 'consumer',
      parent: trace.traceparent,
      attributes: { 'message.type': 'book.lent' },
    });
    cause?.end({ error: Object.assign(new Error('ada@example.com'), { code: 'book_torn' }) });
    if (span) endRequest(span, 202);
    await traces.onApplicationShutdown();
    expect(receiver.of(traceId)).toMatchObject([
      {
        service: 'shelf',
        name: 'process book.lent',
        kind: 'consumer',
        parentSpanId: receiver.spans[1]?.spanId,
        attributes: { 'message.type': 'book.lent', 'error.type': 'book_torn' },
        isFailed: true,
      },
      {
        name: 'GET /books/:id',
        kind: 'server',
        parentSpanId: '00f067aa0ba902b7',
        attributes: { 'http.response.status_code': 202 },
        isFailed: false,
      },
    ]);
    expect(JSON.stringify(receiver.spans)).not.toContain('ada@example.com');
    expect(troubles).toEqual([]);
  });

  it('begin with the id that messages carry as their correlation', async () => {
    const traces = await tracing();
    const { trace, span } = traces.request(undefined, name);
    span?.end();
    await traces.onApplicationShutdown();
    expect(trace.correlationId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const digits = trace.correlationId.replaceAll('-', '');
    expect(receiver.spans).toMatchObject([{ traceId: digits, parentSpanId: '' }]);
    expect(trace.traceparent).toBe(`00-${digits}-${receiver.spans[0]?.spanId}-01`);
  });

  it('of several messages are linked to a trace of its own', async () => {
    const traces = await tracing();
    const links = [caller('01'), 'no traceparent'];
    traces.tracer?.begin('commit', { kind: 'internal', parent: null, links })?.end();
    await traces.onApplicationShutdown();
    expect(receiver.spans).toMatchObject([{ parentSpanId: '', links: ['00f067aa0ba902b7'] }]);
    expect(receiver.of(traceId)).toEqual([]);
  });

  it.each<[Partial<Sampling>, string | undefined, boolean]>([
    [{}, undefined, true],
    [{}, caller('01'), true],
    [{}, caller('00'), false],
    [{ sampler: 'parentbased_always_off' }, undefined, false],
    [{ sampler: 'parentbased_always_off' }, caller('01'), true],
    [{ sampler: 'parentbased_traceidratio', ratio: 0 }, undefined, false],
    [{ sampler: 'parentbased_traceidratio', ratio: 0 }, caller('01'), true],
    [{ sampler: 'parentbased_traceidratio', ratio: 1 }, undefined, true],
    // 0x0e0e4736 is 5.5 % of the range.
    [{ sampler: 'traceidratio', ratio: 0.06 }, caller('00'), true],
    [{ sampler: 'traceidratio', ratio: 0.05 }, caller('01'), false],
    [{ sampler: 'always_on' }, caller('00'), true],
    [{ sampler: 'always_off' }, caller('01'), false],
  ])('with %j and the header %s are recorded: %s', async (sampling, header, recorded) => {
    const traces = await tracing(sampling);
    const { trace, span } = traces.request(header, name);
    expect(span !== null).toBe(recorded);
    expect(trace.traceparent.endsWith(recorded ? '-01' : '-00')).toBe(true);
    if (header) expect(trace.traceparent).toContain(traceId);
    await traces.onApplicationShutdown();
  });

  it('are lost with a warning while the receiver refuses them, and arrive again after that', async () => {
    const traces = await tracing();
    receiver.status = 400;
    traces.request(undefined, name).span?.end();
    await until(() => troubles.length > 0);
    receiver.status = 200;
    traces.request(caller('01'), name).span?.end();
    await until(() => receiver.of(traceId).length === 1);
    await traces.onApplicationShutdown();
  });

  it('do not keep a service from stopping when there is no receiver', async () => {
    receiver.close();
    const traces = await tracing();
    traces.request(undefined, name).span?.end();
    await traces.onApplicationShutdown();
    await until(() => troubles.length > 0);
  });

  it('are not recorded without a receiver, and a caller keeps its trace', () => {
    const { trace, span } = Tracing.off.request(caller('01'), name);
    expect([span, Tracing.off.tracer]).toEqual([null, undefined]);
    expect(trace.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(Tracing.off.request(undefined, name).trace.traceparent).toMatch(/-00$/);
  });
});
