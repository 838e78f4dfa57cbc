import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import { channelOf, encode, newId, RestockProduct, wrap } from '@waybill/contracts';
import type { ReceivedSpan, SpanReceiver } from '@waybill/observability/testing';
import { Client as Database } from 'pg';
import type { Target } from '../portable/target.ts';
import type { Client, OrderView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { stockUp } from '../system/products.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

/** Settings with which only the traces are recorded whose callers want it. */
export const tracesTo = async (receiver: SpanReceiver): Promise<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: await receiver.listen(),
  OTEL_TRACES_SAMPLER: 'parentbased_always_off',
});

/** What a receiver of traces sees; `hop` names the gateway if it forwards requests, `broker` the one that carries commands. */
export function traceTests(
  system: () => SystemUnderTest,
  target: () => Target,
  { receiver, hop, broker }: { receiver: SpanReceiver; hop?: string; broker: string },
): void {
  afterAll(() => receiver.close());

  const caller = '00f067aa0ba902b7';

  function newTrace() {
    const traceId = randomBytes(16).toString('hex');
    return { traceId, traceparent: `00-${traceId}-${caller}-01` };
  }

  /** Places an order as part of a trace. */
  const ordered = (client: Client, traceparent: string) =>
    client.served(() =>
      client.post<OrderView>('/api/v1/orders', client.request(), { traceparent }),
    );

  /** The spans that led to the first one of that name, the first cause first; undefined while one is missing. */
  function pathTo(traceId: string, name: string): readonly string[] | undefined {
    const spans = receiver.of(traceId);
    let span = spans.find((each) => each.name === name);
    const path: string[] = [];
    while (span) {
      path.unshift(`${span.service}: ${span.name}`);
      if (span.parentSpanId === caller) return path;
      const { parentSpanId } = span;
      span = spans.find((each) => each.spanId === parentSpanId);
    }
    return undefined;
  }

  const spansNamed = (traceId: string, name: string): readonly ReceivedSpan[] =>
    receiver.of(traceId).filter((span) => span.name === name);

  const request = [
    ...(hop ? [`${hop}: POST /api/v1/orders`] : []),
    'order: POST /api/v1/orders',
    'order: process order.accept-order',
  ];
  const authorized = [
    ...request,
    'inventory: process inventory.reserve-stock',
    'order: process inventory.stock-reserved',
    'payment: process payment.authorize-payment',
  ];

  it.each([
    [
      'the publishing of its first command',
      'publish inventory.reserve-stock',
      [...request, 'order: publish inventory.reserve-stock'],
    ],
    [
      'the call of the provider',
      'call payment.authorize-payment',
      [...authorized, 'payment: call payment.authorize-payment'],
    ],
  ])('show an order from its request to %s', async (_, name, expected) => {
    const ada = await target().as('ada');
    const { traceId, traceparent } = newTrace();
    const placed = await ordered(ada, traceparent);
    await ada.settled(placed.body.id);
    const path = await eventually(`the span of ${name} arrives`, async () => pathTo(traceId, name));
    expect(path).toEqual(expected);
  });

  it('show each step of its saga below the reply that ended it', async () => {
    const ada = await target().as('ada');
    const { traceId, traceparent } = newTrace();
    const placed = await ordered(ada, traceparent);
    await ada.settled(placed.body.id);
    const path = await eventually('the step arrives', async () =>
      pathTo(traceId, 'saga place-order authorize-payment succeeded'),
    );
    expect(path).toEqual([
      ...authorized,
      'order: process payment.payment-authorized',
      'order: saga place-order authorize-payment succeeded',
    ]);
  });

  it('show the announcement of an order as the effect of its confirmation', async () => {
    const ada = await target().as('ada');
    const { traceId, traceparent } = newTrace();
    const placed = await ordered(ada, traceparent);
    await ada.settled(placed.body.id);
    const path = await eventually('the last effect arrives', async () =>
      pathTo(traceId, 'process order.announced'),
    );
    expect(path.slice(0, authorized.length)).toEqual(authorized);
    const keys = receiver.of(traceId).flatMap(({ attributes }) => attributes['message.key'] ?? []);
    expect(keys).toContain(placed.body.id);
  });

  it('go on when a message is deferred and processed later', async () => {
    const ada = await target().as('ada');
    const { traceId, traceparent } = newTrace();
    await system().sandboxes.providerFaults({ down: true });
    const placed = await ordered(ada, traceparent);
    const attempts = () => spansNamed(traceId, 'process payment.authorize-payment');
    const withOutcome = (outcome: string) =>
      attempts().find(({ attributes }) => attributes['message.outcome'] === outcome);
    const first = await eventually('it is deferred', async () => withOutcome('deferred'));
    await system().sandboxes.providerFaults({});
    await ada.settled(placed.body.id);
    const last = await eventually('it is applied', async () => withOutcome('applied'));
    expect([first.isFailed, last.isFailed]).toEqual([true, false]);
    expect(last.attributes['message.taken']).toBe('deferred');
    expect(last.parentSpanId).toBe(first.parentSpanId);
  });

  it('go on when a dead letter is redriven', async () => {
    const ops = await target().as('ops');
    const sku = `TRACED-${newId().slice(-6).toUpperCase()}`;
    await stockUp(ops, sku, 5);
    const { traceId, traceparent } = newTrace();
    const data = { requestId: randomUUID(), sku, quantity: 1, warehouse: 'MAIN' };
    await sendUnchecked(traceparent, data);
    const letter = await eventually('it is a dead letter', async () => {
      const query = { type: 'inventory.restock-product' };
      const { items } = await ops.read('/api/v1/dead-letters', { query });
      return items.find(({ key }) => key === sku);
    });
    expect((await ops.post(`/api/v1/dead-letters/${letter.id}/redrive`, { data })).status).toBe(
      202,
    );
    const spans = await eventually('it is processed again', async () => {
      const found = spansNamed(traceId, 'process inventory.restock-product');
      return found.length > 1 && found;
    });
    expect(
      spans.map(({ isFailed, parentSpanId, attributes }) => [
        isFailed,
        parentSpanId,
        attributes['message.outcome'],
        attributes['message.taken'],
      ]),
    ).toEqual([
      [true, caller, 'dead', undefined],
      [false, caller, 'applied', 'redriven'],
    ]);
  });

  /** Writes a command with a negative quantity directly to an outbox, past all checks of its sender. */
  async function sendUnchecked(
    traceparent: string,
    good: Parameters<typeof RestockProduct>[0],
  ): Promise<void> {
    const id = newId();
    const cause = { id, correlationId: id, traceparent };
    const context = { cause, source: 'inventory', now: new Date(), name: 'unchecked' };
    const wrapped = wrap(RestockProduct(good), context);
    const body = encode({ ...wrapped, causationId: null, data: { ...good, quantity: -1 } });
    const database = new Database(system().data.whereabouts().databases.inventory);
    await database.connect();
    await database.query(
      'insert into outbox (id, broker, lane, channel, key, body) values ($1, $2, 0, $3, $4, $5)',
      [wrapped.id, broker, channelOf(RestockProduct), good.sku, body],
    );
    await database.end();
  }

  it('link a batch to each trace that it belongs to, and no other trace is recorded', async () => {
    // A span is sent some time after it has ended.
    const { roots, names } = await eventually('batches have been recorded', async () => {
      const roots = receiver.spans.filter(({ parentSpanId }) => parentSpanId === '');
      const names = new Set(roots.map(({ name }) => name));
      const wanted = ['commit', 'process batch of order.announced'];
      return wanted.every((name) => names.has(name)) && { roots, names };
    });
    expect([...names].filter((name) => !/^(commit|process batch of .*)$/.test(name))).toEqual([]);
    for (const name of names) {
      const linked = roots.find((each) => each.name === name)?.links ?? [];
      expect(linked).not.toEqual([]);
      await eventually('the spans that it names arrive', async () =>
        linked.every((spanId) => receiver.spans.some((span) => span.spanId === spanId)),
      );
    }
  });
}
