import { describe, expect, it } from '@jest/globals';
import { FindProducts, foundProducts, request } from '@waybill/contracts';
import { Requests } from '@waybill/messaging';
import { z } from 'zod';
import { GrpcRequests } from './grpc-requests.ts';

const Other = request('shop.other', {
  summary: 'for tests',
  schema: z.strictObject({ id: z.string() }),
  key: ({ id }) => id,
});
const mug = {
  sku: 'MUG',
  name: 'Mug',
  category: 'kitchen',
  price: { amount: 900, currency: 'EUR' },
  weightGrams: 300,
  version: 1,
  available: 7,
};

class Broker extends Requests {
  readonly asked: string[] = [];
  async request(contract: { type: string }): Promise<never> {
    this.asked.push(contract.type);
    return 'over the broker' as never;
  }
  gather(contract: { type: string }): never {
    this.asked.push(contract.type);
    return new Map() as never;
  }
}

function bench(answer: unknown = { products: [mug] }) {
  const broker = new Broker();
  const calls: unknown[] = [];
  const call = async (data: unknown, { deadline }: { deadline: number }): Promise<unknown> => {
    calls.push({ data, deadline });
    return answer;
  };
  const products = { type: FindProducts.type, call, close: () => {} };
  return { broker, calls, requests: new GrpcRequests([products], broker) };
}

const within = { deadline: 300, answer: foundProducts };

describe('requests of which some go by gRPC', () => {
  it('ask by gRPC what is asked by gRPC', async () => {
    const { requests, calls, broker } = bench();
    const found = await requests.request(FindProducts, { skus: ['MUG'] }, within);
    expect(found.products).toEqual([mug]);
    expect(calls).toEqual([{ data: { skus: ['MUG'] }, deadline: 300 }]);
    expect(broker.asked).toEqual([]);
  });

  it('ask over the broker all else, and whoever asks many', async () => {
    const { requests, calls, broker } = bench();
    await requests.request(Other, { id: 'x' }, { deadline: 300 });
    requests.gather(FindProducts, { skus: ['MUG'] }, { deadline: 300, from: ['one', 'two'] });
    expect(broker.asked).toEqual(['shop.other', FindProducts.type]);
    expect(calls).toEqual([]);
  });

  it('are checked before they are sent, as their answers are', async () => {
    const wrong = bench().requests.request(FindProducts, { skus: [] }, within);
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_message' });
    const odd = bench({ products: [{ sku: 'MUG' }] });
    await expect(
      odd.requests.request(FindProducts, { skus: ['MUG'] }, within),
    ).rejects.toBeInstanceOf(z.ZodError);
  });
});
