import {
  bulkhead,
  circuitBreaker,
  type Duration,
  failureRate,
  type Pipeline,
  type Resilience,
  timeout,
} from '@waybill/resilience';

/** For the connections to a provider: larger responses are not read. */
export const connectionLimits = { maxResponseSize: 256 * 1024, connect: { timeout: 2_000 } };

/** The pipeline of all calls to the provider, at most `calls` at once. */
export const providerCalls = (resilience: Resilience, calls: number, within: Duration): Pipeline =>
  resilience.pipeline(
    'payment-provider',
    bulkhead({ calls, queue: 4_000 }),
    circuitBreaker({
      opensAt: failureRate(0.5, { over: '10s', atLeast: 20 }),
      staysOpen: '2s',
    }),
    timeout(within),
  );
