import { openApiOf } from '@waybill/http';
import type { RunningService } from '@waybill/service';
import type { Upstream } from './upstream.ts';

/** A service of this process: requests are passed on directly, without a second hop. */
export const localUpstream = (service: RunningService): Upstream => ({
  name: service.name,
  routes: service.routes,
  operations: service.operations,
  metrics: service.metrics,
  document: async () => openApiOf(service.app, 'Waybill'),
  health: async () => [await service.health.report()],
  obstacles: async () => (await service.health.obstacles()).map(({ name }) => name),
  dispatch: (request, response) => service.dispatch(request, response),
  drain: () => service.drain(),
  onRoutes: () => {},
});
