import { describe, expect, it } from '@jest/globals';
import { Metrics } from '@waybill/observability';
import type { FastifyRequest } from 'fastify';
import { Upstreams } from '../upstreams/upstream.ts';
import { HealthController } from './health.controller.ts';
import type { SystemHealth } from './system-health.ts';

const from = (remoteAddress?: string, ...rawHeaders: string[]) =>
  ({ socket: { remoteAddress }, raw: { rawHeaders } }) as unknown as FastifyRequest;

describe('the metrics of the system', () => {
  const metrics = new Metrics('gateway');
  metrics.counter({ name: 'x_total', help: 'things', labelNames: [] });
  const controller = new HealthController(new Upstreams([]), metrics, {} as SystemHealth);

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('are shown to %s', async (address) => {
    expect(await controller.text(from(address))).toContain('# TYPE x_total counter');
  });

  it.each(['10.0.0.7', '::ffff:10.0.0.7', '2001:db8::1', undefined])(
    'are not there for %s',
    async (address) => {
      await expect(controller.text(from(address))).rejects.toMatchObject({
        status: 404,
        code: 'not_found',
      });
    },
  );

  it('are not there for whom a proxy on the same machine speaks', async () => {
    for (const name of ['X-Forwarded-For', 'Forwarded', 'Via']) {
      const asked = controller.text(from('127.0.0.1', 'host', 'shop.example', name, '127.0.0.1'));
      await expect(asked).rejects.toMatchObject({ status: 404 });
    }
  });
});
