import { describe, expect, it } from '@jest/globals';
import { RouteTable } from '@waybill/http';
import { RouteOwners } from './route-owner.ts';

const owner = (name: string, ...paths: readonly string[]) => {
  const routes = new RouteTable();
  for (const path of paths) routes.add('GET', path);
  return { name, routes };
};

const owners = new RouteOwners([
  owner('gateway', '/health', '/api/v1/orders/:id/journey'),
  owner('order', '/health', '/api/v1/orders', '/api/v1/orders/:id', '/api/v1/sagas/:id'),
  owner('inventory', '/api/v1/products/:sku', '/images/:key'),
]);

describe('the owner of a path', () => {
  it.each([
    ['/api/v1/products/LAPTOP-13', 'inventory'],
    ['/api/v1/orders', 'order'],
    ['/api/v1/orders/17', 'order'],
    ['/api/v1/orders/17/journey', 'gateway'],
    ['/api/v1/orders/17/nothing/here', 'order'],
    ['/images/mug.svg', 'inventory'],
    ['/images', 'inventory'],
    ['/images/a/b/c', 'inventory'],
    ['/imagesque', 'gateway'],
    ['/health/live', 'gateway'],
    ['/health', 'gateway'],
    ['/', 'gateway'],
    ['/api/v2/orders', 'gateway'],
  ])('of %s is %s', (path, name) => {
    expect(owners.ownerOf(path).name).toBe(name);
  });
});
