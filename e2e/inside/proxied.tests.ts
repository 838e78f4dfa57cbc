import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '../system/eventually.ts';
import { FarVisitor } from '../system/far-visitor.ts';
import { FrontProxy } from '../system/front-proxy.ts';
import { useLonelyGateway } from '../system/lonely-gateway.ts';
import type { TestSystem } from '../system/test-system.ts';
import { sessionsPerAddress, viewsOfNewSessions } from './sessions.tests.ts';

/** The address from which the proxy of these tests comes, and nobody else whom they count. */
export const trustedProxy = '127.0.0.1';

/** What is counted by address, behind a proxy that the gateway trusts: visitors, and liars who forge `X-Forwarded-For`. */
export function proxiedTests(system: () => TestSystem): void {
  const limited = useLonelyGateway(system, { RATE_LIMIT: '1', TRUSTED_PROXIES: trustedProxy });
  let ofSystem: FrontProxy;
  let ofLimited: FrontProxy;
  beforeAll(async () => {
    ofSystem = await FrontProxy.open(system().url);
    ofLimited = await FrontProxy.open(limited());
  });
  afterAll(() => Promise.all([ofSystem?.close(), ofLimited?.close()]));

  let forged = 0;
  /** Another address with each request. */
  const forgery = () => {
    forged += 1;
    return { 'x-forwarded-for': `203.0.113.${forged % 250}, 198.51.100.${forged % 249}` };
  };

  const report = (visitor: FarVisitor, url: string, count: number, headers = {}) =>
    visitor.send(`${url}/api/v1/activity`, viewsOfNewSessions(count), headers);

  it('new sessions of each visitor are counted apart', async () => {
    const [ada, ben] = [new FarVisitor('127.0.0.2'), new FarVisitor('127.0.0.3')];
    expect(await report(ada, ofSystem.url, sessionsPerAddress)).toBe(202);
    expect(await report(ada, ofSystem.url, 1)).toBe(429);
    expect(await report(ben, ofSystem.url, 1)).toBe(202);
  });

  it('new sessions of a liar are those of one visitor, behind the proxy and past it', async () => {
    const behind = new FarVisitor('127.0.0.4');
    expect(await report(behind, ofSystem.url, sessionsPerAddress, forgery())).toBe(202);
    expect(await report(behind, ofSystem.url, 1, forgery())).toBe(429);
    const past = new FarVisitor('127.0.0.5');
    expect(await report(past, system().url, sessionsPerAddress, forgery())).toBe(202);
    expect(await report(past, system().url, 1, forgery())).toBe(429);
  });

  it('requests of each visitor are limited apart, those of a liar as of one', async () => {
    const isRefused = (visitor: FarVisitor, url: string, headers: () => Record<string, string>) =>
      eventually('the visitor is refused', async () => {
        const sent = [1, 2, 3].map(() => visitor.send(`${url}/health/live`, undefined, headers()));
        return (await Promise.all(sent)).includes(429);
      });
    await isRefused(new FarVisitor('127.0.0.2'), ofLimited.url, () => ({}));
    await isRefused(new FarVisitor('127.0.0.4'), ofLimited.url, forgery);
    await isRefused(new FarVisitor('127.0.0.5'), limited(), forgery);
    const ben = new FarVisitor('127.0.0.3');
    expect(await ben.send(`${ofLimited.url}/health/live`)).toBe(200);
  });

  it('metrics are not for whom the proxy on the same machine speaks', async () => {
    const local = new FarVisitor(trustedProxy);
    expect(await local.send(`${system().url}/metrics`)).toBe(200);
    expect(await local.send(`${ofSystem.url}/metrics`)).toBe(404);
  });

  it('no invariant is violated by any of it', async () => {
    expect(await system().verify()).toEqual([]);
  });
}
