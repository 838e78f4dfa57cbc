import { describe, expect, it } from '@jest/globals';
import { RouteTable } from './route-table.ts';

const table = new RouteTable();
table.add('GET', '/api/v1/orders');
table.add('POST', '/api/v1/orders');
table.add('GET', '/api/v1/orders/:id');
table.add('POST', '/api/v1/orders/:id/cancel');
table.add('DELETE', '/api/v1/orders/latest');
table.add('GET', '/docs/*');
table.add('GET', '/notes/:number.pdf');

describe('a route table', () => {
  it('knows the largest body that a path takes, also after it was told to somebody else', () => {
    const own = new RouteTable();
    own.add('GET', '/api/v1/activity');
    own.add('POST', '/api/v1/activity', 1_048_576);
    own.add('POST', '/api/v1/orders');
    const told = new RouteTable();
    for (const { method, path, bodyLimit } of own.all()) told.add(method, path, bodyLimit);
    for (const each of [own, told]) {
      expect(each.bodyLimitAt('/api/v1/activity')).toBe(1_048_576);
      expect(each.bodyLimitAt('/api/v1/orders')).toBe(65_536);
      expect(each.bodyLimitAt('/nowhere')).toBe(65_536);
    }
  });

  it.each([
    ['/api/v1/orders', ['GET', 'POST']],
    ['/api/v1/orders/7', ['GET']],
    ['/api/v1/orders/latest', ['DELETE', 'GET']],
    ['/api/v1/orders/7/cancel', ['POST']],
    ['/api/v1/orders/', []],
    ['/api/v1/orders/7/cancel/now', []],
    ['/api/v1', []],
    ['/', []],
    ['', []],
    ['/docs/a/b.js', ['GET']],
    ['/notes/C2026-000001.pdf', ['GET']],
    ['/notes/C2026-000001', []],
    ['/notes/.pdf', []],
    ['/notes/x%0d%0ay.pdf', []],
  ])('knows the methods at %s', (path, methods) => {
    expect(table.methodsAt(path)).toEqual(methods);
    expect(table.serves(path)).toBe(methods.length > 0);
  });

  it('lists every route', () => {
    expect(table.all()).toContainEqual({ method: 'POST', path: '/api/v1/orders' });
    expect(table.all()).toHaveLength(7);
  });
});
