import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { createLog, endRequest } from '@waybill/observability';
import { openTracing } from '../open-tracing.ts';
import { tracingConfig } from './tracing.config.ts';

const log = createLog({ service: 'order', level: 'silent' });

it('a share of the traces, as large as is set, goes to the address that is set', async () => {
  const paths: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url);
    request.resume().once('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = tracingConfig.parse({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/other`,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/own/traces`,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
  });
  const tracing = await openTracing(settings, { service: 'order', log });
  const spans = Array.from({ length: 1_000 }, () => tracing.request(undefined, () => 'GET /').span);
  const recorded = spans.filter((span) => span !== null);
  for (const span of recorded) endRequest(span, 200);
  await tracing.onApplicationShutdown();
  server.closeAllConnections();
  server.close();
  expect(recorded.length).toBeGreaterThan(150);
  expect(recorded.length).toBeLessThan(350);
  expect([...new Set(paths)]).toEqual(['/own/traces']);
});
