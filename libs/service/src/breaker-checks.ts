import type { HealthCheck } from '@waybill/observability';
import type { Resilience } from '@waybill/resilience';

/** One check for each external dependency of a service. Without one a service is only degraded. */
export const breakerChecks = (resilience: Resilience): readonly HealthCheck[] =>
  resilience.pipelines().map((pipeline) => ({
    name: `breaker-${pipeline.name}`,
    unit: 'not closed',
    limit: 1,
    degradesOnly: true,
    read: () => (pipeline.state() === 'closed' ? 0 : 1),
  }));
