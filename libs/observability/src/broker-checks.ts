import type { Broker, Brokers } from '@waybill/messaging';
import type { HealthCheck } from './health.ts';

/** Below the limit of 1 and above its 80 %: what waits for a broker goes on when it is back. */
const degraded = 0.9;

/** One check a broker that says how it stands. A broker that is away degrades a service: it accepts all the same. */
export const brokerChecks = (brokers: Brokers): readonly HealthCheck[] =>
  brokers.all().flatMap((broker) => (broker.state ? [checkOf(broker)] : []));

/** Connections are made at their first use: before that, one that is not there is not missed. */
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
