import { describe, expect, it } from '@jest/globals';
import { RouteTable } from './route-table.ts';

const table = new RouteTable();
table.add('GET', '/api/v1/orders');
table.add('POST', '/api/v1/orders');
table.add('GET', '/api/v1/orders/:id');
table.add('POST', '/api/v1/orders/:id/cancel');
table.add('DELETE', '/api/v1/orders/latest');
table.add('GET', '/docs/*');

describe('a route table', () => {
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
  ])('knows the methods at %s', (path, methods) => {
    expect(table.methodsAt(path)).toEqual(methods);
  });

  it('lists every route', () => {
    expect(table.all()).toContainEqual({ method: 'POST', path: '/api/v1/orders' });
    expect(table.all()).toHaveLength(6);
  });
});
