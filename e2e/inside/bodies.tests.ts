import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Target } from '../portable/target.ts';
import { kafkaContents, rabbitmqCopies } from '../system/broker-contents.ts';
import { eventually } from '../system/eventually.ts';
import { stockUp } from '../system/products.ts';

const compressed = '"content-encoding":"gzip"';
const byCodec = '"content-type":"application/protobuf"';

/** What bodies are on Kafka and RabbitMQ. */
export function bodyTests(namespace: () => string, target: () => Target): void {
  it('a long order is confirmed by compressed commands', async () => {
    const [ada, ops] = [await target().as('ada'), await target().as('ops')];
    const lines = [];
    for (let n = 0; n < 100; n += 1) {
      const sku = target().unique(`LONG-ORDER-${n}`).toUpperCase();
      await stockUp(ops, sku, 2, { weightGrams: 1 });
      lines.push({ sku, quantity: 1 });
    }
    const copies = await rabbitmqCopies(namespace(), ['inventory.commands']);
    const { id, status } = await ada.buy({ lines });
    expect(status).toBe('confirmed');
    await eventually('a compressed command was copied', async () =>
      copies.messages.some((message) => message.includes(id) && message.includes(compressed)),
    );
    await copies.close();
  });

  it('activities are protobuf in every stage, and JSON for those who read them', async () => {
    const [ada, ops] = [await target().as('ada'), await target().as('ops')];
    const sessionId = randomUUID();
    const occurredAt = new Date();
    const activity = { type: 'page_view', sessionId, properties: { page: '/wire' } } as const;
    const report = [{ ...activity, eventId: randomUUID(), occurredAt: occurredAt.toISOString() }];
    expect((await ada.post('/api/v1/activity', report)).status).toBe(202);
    const from = new Date(occurredAt.getTime() - 3_600_000).toISOString();
    await eventually('the session is shown', async () => {
      const query = { customerId: ada.userId, from };
      const { items } = await ops.read('/api/v1/analytics/sessions', { query });
      return items.find((each) => each.sessionId === sessionId);
    });
    const types = ['analytics.activity-recorded', 'enriched.activity', 'processed.activity'];
    await eventually('every stage has published it as protobuf', async () => {
      const held = (await kafkaContents(namespace())).filter(
        (message) => message.includes(sessionId) && message.includes(byCodec),
      );
      return types.every((type) => held.some((message) => message.includes(`"type":"${type}"`)));
    });
  });
}
