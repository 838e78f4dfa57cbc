import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { type ExportRequest, SystemOperations } from '@waybill/service';
import { FakeOperations } from '@waybill/service/testing';
import { ExportsController } from './exports.controller.ts';

const at = '2026-01-01T00:00:00.000Z';
const uuid = '01980000-0000-7000-8000-000000000001';
const services = [new FakeOperations('analytics'), new FakeOperations('order')];
let begun: (readonly [service: string, ExportRequest, by: string])[] = [];
let edge: EdgeApp;

beforeAll(async () => {
  for (const { service, exports, jobs } of services) {
    exports.add(async (request, requestedBy) => {
      begun.push([service, request, requestedBy]);
      return jobs.of({
        id: uuid,
        kind: `export-${request.kind}`,
        state: 'running',
        progress: 0,
        url: null,
        counts: {},
        requestedBy,
        startedAt: at,
        finishedAt: null,
      });
    });
  }
  edge = await edgeApp([ExportsController], {
    providers: [{ provide: SystemOperations, useValue: new SystemOperations(services) }],
  });
});
afterAll(() => edge?.app.close());

async function request(payload: object, token = 'operator') {
  const response = await edge.fastify.inject({
    method: 'POST',
    url: '/api/v1/exports',
    headers: { authorization: `Bearer ${token}` },
    payload,
  });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

it.each([
  ['orders', 'order'],
  ['windows', 'analytics'],
  ['sessions', 'analytics'],
  ['order_times', 'analytics'],
])('begins an export of %s at %s', async (kind, service) => {
  begun = [];
  const { status, headers, body } = await request({ kind, format: 'csv', from: at });
  expect([status, body.id]).toEqual([202, `${service}.${uuid}`]);
  expect(headers['location']).toBe(`/api/v1/jobs/${service}.${uuid}`);
  expect(begun).toEqual([[service, { kind, format: 'csv', from: at }, body.requestedBy]]);
});

it('is for operators, who name a known kind and format', async () => {
  begun = [];
  expect((await request({ kind: 'orders', format: 'csv' }, 'ada')).status).toBe(403);
  for (const wrong of [
    { kind: 'customers', format: 'csv' },
    { kind: 'constructor', format: 'csv' },
    { kind: 'orders', format: 'xlsx' },
    { kind: 'orders', format: 'csv', from: 'yesterday' },
    { kind: 'orders', format: 'csv', from: '2026-01-02T00:00:00Z', to: at },
    { kind: 'orders', format: 'csv', more: 1 },
  ]) {
    const { status, body } = await request(wrong);
    expect([wrong, status]).toEqual([wrong, 400]);
    expect(body.errors[0].path).toMatch(/^\/\w+$/);
  }
  expect(begun).toEqual([]);
});
