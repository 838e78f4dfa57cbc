import { expect, it } from '@jest/globals';
import type { ApiDocument } from '@waybill/http';
import { behindHop } from './behind-hop.ts';

it('tells of each route of a service that the service may not answer in time', () => {
  const responses = { 200: { description: 'ok' }, 503: { description: 'away' } };
  const alone = { 200: { description: 'ok' } };
  const { paths } = behindHop({
    openapi: '3.1.0',
    info: { title: 'x', version: '1' },
    paths: {
      '/api/v1/orders': { get: { responses }, post: { responses: alone } },
      '/health': { get: { responses } },
    },
  } as ApiDocument);
  expect(Object.keys(paths['/api/v1/orders']?.get?.responses ?? {})).toEqual(['200', '503', '504']);
  expect(paths['/api/v1/orders']?.get?.responses['504']).toMatchObject({
    description: expect.stringContaining('no_answer_in_time'),
  });
  expect(paths['/api/v1/orders']?.post?.responses).toEqual(alone);
  expect(paths['/health']?.get?.responses).toEqual(responses);
});
