import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { RateLimit } from './rate-limit.ts';
import { openSharedCounts } from './shared-counts.ts';

let server: Server | undefined;
afterEach(() => {
  jest.useRealTimers();
  server?.close();
  server?.closeAllConnections();
});

async function serve(limit: RateLimit): Promise<() => Promise<Response>> {
  const made = createServer((request, response) => {
    void limit.enter(request.socket.remoteAddress, response, () => response.end('passed'));
  });
  server = made;
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const { port } = made.address() as AddressInfo;
  return () => fetch(`http://127.0.0.1:${port}/`);
}

const counting = (answers: readonly (boolean | null)[]) => {
  const asked: string[] = [];
  return { asked, within: async (key: string) => answers[asked.push(key) - 1] ?? null };
};

describe('a rate limit', () => {
  it('lets so many requests of an address pass, and refuses more as a problem', async () => {
    const send = await serve(new RateLimit(3));
    expect((await Promise.all([send(), send(), send()])).map(({ status }) => status)).toEqual([
      200, 200, 200,
    ]);
    const refused = await send();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    const correlationId = refused.headers.get('x-request-id');
    expect(correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await refused.json()).toMatchObject({
      code: 'too_many_requests',
      status: 429,
      correlationId,
    });
  });

  it('counts each address apart, and each second anew', async () => {
    jest.useFakeTimers();
    const limit = new RateLimit(2);
    const passes = async (address: string): Promise<boolean> => {
      let passed = false;
      // The connection is gone, so the response is never read.
      const response = { destroyed: true, destroy: () => undefined } as unknown as ServerResponse;
      await limit.enter(address, response, () => {
        passed = true;
      });
      return passed;
    };
    const all = async (...addresses: string[]) => Promise.all(addresses.map(passes));
    expect(await all('10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2')).toEqual([
      true,
      true,
      false,
      true,
    ]);
    jest.advanceTimersByTime(900);
    expect(await all('10.0.0.1', '10.0.0.2', '10.0.0.2')).toEqual([false, true, false]);
    jest.advanceTimersByTime(100);
    expect(await all('10.0.0.1', '10.0.0.1', '10.0.0.1')).toEqual([true, true, false]);
  });

  it('believes counts that are shared, by the address of the caller', async () => {
    const shared = counting([true, false, true]);
    const send = await serve(new RateLimit(1, shared));
    const statuses = [(await send()).status, (await send()).status, (await send()).status];
    expect(statuses).toEqual([200, 429, 200]);
    expect(new Set(shared.asked)).toEqual(new Set(['127.0.0.1']));
  });

  it('counts alone while the shared counts do not know', async () => {
    const send = await serve(new RateLimit(2, counting([null, null, null, true])));
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await send()).status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });

  it('shares nothing without a Redis', async () => {
    expect(await openSharedCounts(null, 1, () => undefined)).toBeNull();
  });
});
