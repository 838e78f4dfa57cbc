import { circuitBreaker, failureRate } from '@waybill/resilience';

/** Stops calls by gRPC for a second at a time while most of them fail; a refusal is no failure. */
export const breaker = circuitBreaker({
  opensAt: failureRate(0.5, { over: '10s', atLeast: 5 }),
  staysOpen: '1s',
});
