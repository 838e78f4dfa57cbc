import { describe, expect, it } from '@jest/globals';
import { command, request } from '@waybill/message';
import { BrokerRequests, oneBroker } from '@waybill/messaging';
import { HandClock } from '@waybill/messaging/testing';
import { z } from 'zod';
import { embeddedBroker } from './embedded-broker.ts';

const keyed = { key: (data: { sku: string }) => data.sku, summary: 'for tests' };
const FindPrice = request('shop.find-price', {
  ...keyed,
  schema: z.strictObject({ sku: z.string() }),
});
const Buy = command('shop.buy', { ...keyed, schema: z.strictObject({ sku: z.string() }) });
const price = z.object({ price: z.int() });

function bench() {
  const clock = new HandClock();
  const broker = embeddedBroker({ clock });
  return {
    clock,
    broker,
    requests: new BrokerRequests(oneBroker(broker), { source: 'order', clock }),
  };
}

describe('a request', () => {
  it('gets an answer that fits the shape that was asked for', async () => {
    const { broker, requests } = bench();
    await broker.respond(FindPrice, async () => ({ price: 5, currency: 'EUR' }));
    const found = await requests.request(FindPrice, { sku: 'A' }, { deadline: 300, answer: price });
    expect(found.price).toBe(5);
  });

  it('rejects an answer that does not fit', async () => {
    const { broker, requests } = bench();
    await broker.respond(FindPrice, async () => ({ price: 'five' }));
    const found = requests.request(FindPrice, { sku: 'A' }, { deadline: 300, answer: price });
    await expect(found).rejects.toBeInstanceOf(z.ZodError);
  });

  it('is given up at its deadline', async () => {
    const { clock, requests } = bench();
    const found = requests.request(FindPrice, { sku: 'A' }, { deadline: 300 });
    const given = expect(found).rejects.toThrow('nobody answered shop.find-price within 300 ms');
    await Promise.resolve();
    clock.advance(300);
    await given;
  });

  it('is checked before it is sent, and must be a request', async () => {
    const { requests } = bench();
    const wrong = requests.request(FindPrice, { sku: 7 as unknown as string }, { deadline: 300 });
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_message' });
    const bought = requests.request(Buy, { sku: 'A' }, { deadline: 300 });
    await expect(bought).rejects.toThrow('shop.buy is not a request');
  });

  it('is refused where no broker carries requests', async () => {
    const broker = embeddedBroker();
    const mute = Object.assign(broker, { guarantees: { ...broker.guarantees, requests: false } });
    const requests = new BrokerRequests(oneBroker(mute), { source: 'order' });
    await expect(requests.request(FindPrice, { sku: 'A' }, { deadline: 300 })).rejects.toThrow(
      'shop.find-price cannot be asked over embedded, which carries no requests: ask by gRPC',
    );
  });
});

describe('gathering', () => {
  it('answers what came, and how many are missing', async () => {
    const { clock, broker, requests } = bench();
    await broker.respond(FindPrice, async () => ({ price: 5 }));
    await broker.respond(FindPrice, async () => ({ price: 'odd' }));
    await broker.respond(FindPrice, () => new Promise(() => undefined));
    const options = { deadline: 300, expected: 3, answer: price };
    const gathered = requests.gather(FindPrice, { sku: 'A' }, options);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(300);
    expect(await gathered).toEqual({ answers: [{ price: 5 }], missing: 2 });
  });

  it('does not wait when all have answered', async () => {
    const { broker, requests } = bench();
    await broker.respond(FindPrice, async () => ({ price: 5 }));
    await broker.respond(FindPrice, async () => ({ price: 6 }));
    const gathered = await requests.gather(
      FindPrice,
      { sku: 'A' },
      { deadline: 300, expected: 2, answer: price },
    );
    expect(gathered).toEqual({ answers: [{ price: 5 }, { price: 6 }], missing: 0 });
  });
});
