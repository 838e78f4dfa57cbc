import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Availability, GetAvailabilityResponse } from '@waybill/contracts/grpc';
import { until } from '@waybill/messaging/testing';
import { firstValueFrom, Subscription, take, toArray } from 'rxjs';
import { ShelfServer } from '../testing/shelf-server.ts';

const soon = { deadline: 5_000 };
const mug = { skus: ['MUG'] };
const manyCallers = 3;

let server: ShelfServer;
beforeEach(async () => {
  server = await ShelfServer.start({ mostCalls: manyCallers });
});
afterEach(() => server.close());

const available = (request: object, token?: string) =>
  server.caller(token).call<GetAvailabilityResponse>('GetAvailability', request, soon);

describe('a method served by gRPC', () => {
  it('answers a caller with a token and a deadline', async () => {
    const { products } = await available({ skus: ['PEN', 'MUG'] });
    expect(products).toEqual([
      { sku: 'PEN', available: 3 },
      { sku: 'MUG', available: 7 },
    ]);
    await until(() => server.ended.length === 1);
    expect(server.ended).toEqual(['GetAvailability OK']);
  });

  it('streams what is, then each change', async () => {
    const stream = server.caller().stream<Availability>('WatchAvailability', mug, soon);
    const three = firstValueFrom(stream.pipe(take(3), toArray()));
    await until(() => server.shelf.watched === 1);
    server.shelf.changes.next({ sku: 'MUG', available: 6 });
    await new Promise((resolve) => setImmediate(resolve));
    server.shelf.changes.next({ sku: 'MUG', available: 5 });
    expect((await three).map((each) => each.available)).toEqual([7, 6, 5]);
  });

  it('tells the status, the reason and what it is about', async () => {
    await expect(available({ skus: ['NONE'] })).rejects.toMatchObject({
      status: 'NOT_FOUND',
      code: 'unknown_sku',
      about: { skus: 'NONE' },
      message: 'Catalogue.GetAvailability was refused: there is no product NONE',
    });
    const watched = server.caller().stream('WatchAvailability', { skus: ['NONE'] }, soon);
    await expect(firstValueFrom(watched)).rejects.toMatchObject({ code: 'unknown_sku' });
  });

  it('is given up at the deadline of its caller', async () => {
    const late = server.caller().call('FindProducts', mug, { deadline: 100 });
    await expect(late).rejects.toMatchObject({ code: 'request_timed_out' });
    await until(() => server.ended.length === 1);
    expect(server.ended[0]).toMatch(/^FindProducts (DEADLINE_EXCEEDED|CANCELLED)$/);
  });

  it('says nothing of an error that is not the caller’s, and tells the log', async () => {
    const secret = new Error('password=hunter2 at /srv/waybill/inventory.ts:7');
    server.shelf.next = () => {
      throw secret;
    };
    const failed = await available(mug).catch((error: Error) => error);
    expect(failed).toMatchObject({ status: 'INTERNAL' });
    expect(JSON.stringify(failed) + String(failed)).not.toContain('hunter2');
    expect(server.errors).toEqual([secret]);
  });

  it.each([
    ['a promise that rejects', () => Promise.reject(new Error('no'))],
    ['a thrown string', () => Promise.reject('no')],
    ['an answer of another shape', () => ({ products: 7 })],
  ])('survives %s', async (_, next) => {
    server.shelf.next = next;
    await expect(available(mug)).rejects.toMatchObject({ status: 'INTERNAL' });
    server.shelf.next = null;
    expect((await available(mug)).products).toHaveLength(1);
  });

  it('frees what a stream holds when its caller goes', async () => {
    const callers = new Subscription();
    const ignore = { next: () => {}, error: () => {} };
    for (let i = 0; i < manyCallers; i += 1) {
      callers.add(server.caller().stream('WatchAvailability', mug, soon).subscribe(ignore));
    }
    await until(() => server.shelf.watched === manyCallers);
    await expect(available(mug)).rejects.toMatchObject({ status: 'RESOURCE_EXHAUSTED' });
    callers.unsubscribe();
    await until(() => server.shelf.watched === 0 && server.ended.length === manyCallers + 1);
    expect((await available(mug)).products).toHaveLength(1);
  });

  it('ends a stream at its deadline', async () => {
    const watched = server.caller().stream('WatchAvailability', mug, { deadline: 200 });
    const ended = firstValueFrom(watched.pipe(toArray()));
    await expect(ended).rejects.toMatchObject({ code: 'request_timed_out' });
    await until(() => server.shelf.watched === 0);
  });
});

describe('the gate before the methods', () => {
  it.each(['stranger', '', 'two words'])('refuses the token "%s"', async (token) => {
    await expect(available(mug, token)).rejects.toMatchObject({ status: 'UNAUTHENTICATED' });
  });

  it('refuses a deadline that is too far away', async () => {
    const far = server.caller().call('GetAvailability', mug, { deadline: 120_000 });
    await expect(far).rejects.toMatchObject({ status: 'INVALID_ARGUMENT' });
    const hours = server.caller().stream('WatchAvailability', mug, { deadline: 7_200_000 });
    await expect(firstValueFrom(hours)).rejects.toMatchObject({ status: 'INVALID_ARGUMENT' });
  });

  it('refuses a request that is too large', async () => {
    const large = { skus: ['X'.repeat(70_000)] };
    await expect(available(large)).rejects.toMatchObject({ status: 'RESOURCE_EXHAUSTED' });
  });
});
