export { Loopback, type LoopbackOptions } from './loopback.ts';
export { until } from './until.ts';
