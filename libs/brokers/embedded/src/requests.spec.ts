import { describe, expect, it } from '@jest/globals';
import { command, request } from '@waybill/message';
import { BrokerAway, BrokerRequests, oneBroker, RequestsNotCarried } from '@waybill/messaging';
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
  it('gives each answer as it comes, and nothing for who is late, refuses, or answers what does not fit', async () => {
    const { clock, broker, requests } = bench();
    let answerLate = (_: unknown): void => undefined;
    await broker.respond(FindPrice, async () => ({ price: 5 }), 'prompt');
    await broker.respond(FindPrice, async () => ({ price: 'odd' }), 'odd');
    await broker.respond(FindPrice, () => Promise.reject(new Error('no')), 'refuses');
    await broker.respond(FindPrice, () => new Promise((resolve) => (answerLate = resolve)), 'late');
    const from = ['prompt', 'odd', 'refuses', 'late'];
    const gathered = requests.gather(
      FindPrice,
      { sku: 'A' },
      { deadline: 300, from, answer: price },
    );
    expect([...gathered.keys()]).toEqual(from);
    expect(await gathered.get('prompt')).toEqual({ price: 5 });
    clock.advance(300);
    answerLate({ price: 6 });
    expect(await Promise.all(gathered.values())).toEqual([
      { price: 5 },
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['no broker carries requests', { requests: false }, 'connected' as const, RequestsNotCarried],
    ['the broker is not connected', {}, 'connecting' as const, BrokerAway],
  ])('is refused at once where %s', (_, more, state, refusal) => {
    const broker = embeddedBroker();
    const guarantees = { ...broker.guarantees, ...more };
    const odd = Object.assign(broker, { guarantees, state: () => state });
    const requests = new BrokerRequests(oneBroker(odd), { source: 'order' });
    const gather = () => requests.gather(FindPrice, { sku: 'A' }, { deadline: 300, from: ['one'] });
    expect(gather).toThrow(refusal);
  });
});
