import type { Broker, Brokers } from '@waybill/messaging';
import type { HealthCheck } from './health-check.ts';

/** Below the limit of 1 and above its 80 %: messages wait for a broker that is unavailable, and are published when it is back. */
const degraded = 0.9;

/** One health check per broker that reports its state. An unavailable broker only degrades a service, which keeps accepting. */
export const brokerChecks = (brokers: Brokers): readonly HealthCheck[] =>
  brokers.all().flatMap((broker) => (broker.state ? [checkOf(broker)] : []));

/** Connections are opened at first use, so a missing connection is a fault only after the first one. */
function checkOf(broker: Broker): HealthCheck {
  let wasConnected = false;
  return {
    name: `broker-${broker.name}`,
    unit: 'not connected',
    limit: 1,
    read: () => {
      const state = broker.state?.();
      wasConnected ||= state === 'connected';
      if (state === 'connected' || (state === 'connecting' && !wasConnected)) return 0;
      return state === 'closed' ? 1 : degraded;
    },
  };
}
