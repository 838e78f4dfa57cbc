import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { SystemOperations } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { ProjectionsController } from './projections.controller.ts';

const at = '2026-01-01T00:00:00.000Z';
const uuid = '01980000-0000-7000-8000-000000000001';
const [customer, order] = [new FakeOperations('customer'), new FakeOperations('order')];
let requestedBy: string[] = [];
let edge: EdgeApp;

beforeAll(async () => {
  const status = async () => ({ generation: 1, position: 7, head: 9, asOf: at, lagMs: 20 });
  const rebuild = (by: string) => ({
    id: uuid,
    name: 'customers',
    state: 'running' as const,
    progress: 0.5,
    requestedBy: by,
    startedAt: at,
    finishedAt: null,
    generation: 2,
  });
  customer.projections.add('customers', () => ({
    status,
    rebuild: async (by) => {
      requestedBy.push(by);
      return rebuild(by);
    },
    findRebuild: async (id) => (id === uuid ? rebuild('ops') : undefined),
  }));
  order.projections.add('invoices', () => ({ status, notRebuildable: 'numbers are issued once' }));
  edge = await edgeApp([ProjectionsController], {
    providers: [{ provide: SystemOperations, useValue: new SystemOperations([customer, order]) }],
  });
});
afterAll(() => edge.app.close());

async function call(method: 'GET' | 'POST', path: string, token = 'operator') {
  const headers = { authorization: `Bearer ${token}` };
  const response = await edge.fastify.inject({ method, url: `/api/v1${path}`, headers });
  return { status: response.statusCode, body: response.json() };
}

it('lists the projections of all services', async () => {
  const { body } = await call('GET', '/projections');
  const common = { generation: 1, position: 7, head: 9, asOf: at, lagMs: 20, jobId: null };
  expect(body).toEqual({
    items: [
      { service: 'customer', name: 'customers', ...common, rebuildable: true },
      { service: 'order', name: 'invoices', ...common, rebuildable: false },
    ],
    nextCursor: null,
    missing: [],
  });
});

it('begins a rebuild as the operator who wants it, and shows how far it has come', async () => {
  requestedBy = [];
  const { status, body } = await call('POST', '/projections/customers/rebuild');
  expect([status, body.id, body.state]).toEqual([202, `customer.${uuid}`, 'running']);
  expect(requestedBy).toEqual([body.requestedBy]);
  expect((await call('GET', `/jobs/${body.id}`)).body).toMatchObject({ progress: 0.5, url: null });
});

it('refuses to build again what is issued once, and knows no other', async () => {
  const refused = await call('POST', '/projections/invoices/rebuild');
  expect(refused.body).toMatchObject({
    status: 409,
    code: 'not_rebuildable',
    detail: 'invoices is not built again: numbers are issued once',
  });
  expect((await call('POST', '/projections/orders/rebuild')).status).toBe(404);
  for (const id of ['x', `order.${uuid}`, `nobody.${uuid}`, 'customer.x']) {
    expect([id, (await call('GET', `/jobs/${id}`)).status]).toEqual([id, 404]);
  }
});

it('does not say that there is none while a service that may have it is away', async () => {
  customer.projections.list = () => Promise.reject(new Error('away'));
  const { status, body } = await call('POST', '/projections/customers/rebuild');
  expect([status, body.code]).toEqual([503, 'unavailable']);
  expect((await call('GET', '/projections')).body.missing).toEqual(['customer']);
});

it('is for operators alone', async () => {
  expect((await call('GET', '/projections', 'ada')).status).toBe(403);
  expect((await call('POST', '/projections/customers/rebuild', 'ada')).status).toBe(403);
  expect((await call('GET', `/jobs/customer.${uuid}`, 'ada')).status).toBe(403);
});
