import { describe, expect, it } from '@jest/globals';
import { activity, decode, event } from '@waybill/message';
import { BrokerIngest, oneBroker } from '@waybill/messaging';
import { HandClock, Probe } from '@waybill/messaging/testing';
import { z } from 'zod';
import { embeddedBroker } from './embedded-broker.ts';

const options = {
  key: (data: { session: string }) => data.session,
  schema: z.strictObject({ session: z.string() }),
  summary: 'for tests',
};
const PageViewed = activity('shop.page-viewed', options);
const PageSold = event('shop.page-sold', options);

async function bench(consumer: Probe | null, size = 100) {
  const clock = new HandClock();
  const broker = embeddedBroker({ clock, size });
  const bindings = [{ channel: 'shop.activity', pattern: '#' }];
  await broker.declare([{ name: 'analytics', kind: 'activity', partitions: 2, bindings }]);
  if (consumer) await broker.subscribe('analytics', consumer);
  return { clock, ingest: new BrokerIngest(oneBroker(broker), { source: 'gateway', clock }) };
}

describe('ingesting', () => {
  it('answers for each message when the broker has it', async () => {
    const probe = new Probe(true);
    const { ingest } = await bench(probe);
    const results = await ingest.ingest(PageViewed, [{ session: 'a' }, { session: 'b' }]);
    const arrived = probe.bodies().map((body) => decode(body));
    expect(results).toEqual(arrived.map(({ id }) => ({ id })));
    expect(arrived.map(({ data, source }) => [data, source])).toEqual([
      [{ session: 'a' }, 'gateway'],
      [{ session: 'b' }, 'gateway'],
    ]);
  });

  it('refuses a message that breaks its schema, and takes the others', async () => {
    const { ingest } = await bench(new Probe(true));
    const wrong = { session: 1 as unknown as string };
    const results = await ingest.ingest(PageViewed, [wrong, { session: 'b' }]);
    expect(results.map(({ error }) => (error as { code?: string } | undefined)?.code)).toEqual([
      'invalid_message',
      undefined,
    ]);
  });

  it('says which messages the broker had no room for', async () => {
    const { ingest, clock } = await bench(null, 1);
    const results = ingest.ingest(PageViewed, [{ session: 'a' }, { session: 'b' }]);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(5_000);
    expect((await results).map(({ error }) => (error as Error & { code: string }).code)).toEqual([
      'ingest_timed_out',
      'broker_full',
    ]);
  });

  it('gives up at its deadline, because it is not known whether the broker has it', async () => {
    const { ingest, clock } = await bench(null);
    const results = ingest.ingest(PageViewed, [{ session: 'a' }], { deadline: 100 });
    clock.advance(100);
    const [result] = await results;
    expect(result?.error?.message).toBe('shop.page-viewed was not confirmed within 100 ms');
  });

  it('answers an empty batch at once', async () => {
    const { ingest } = await bench(null);
    expect(await ingest.ingest(PageViewed, [])).toEqual([]);
  });

  it('takes activity only, because anything else belongs into an outbox', async () => {
    const { ingest } = await bench(null);
    const ingested = ingest.ingest(PageSold, [{ session: 'a' }]);
    await expect(ingested).rejects.toThrow('shop.page-sold is not an activity');
  });
});
