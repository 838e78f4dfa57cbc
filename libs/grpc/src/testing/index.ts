export { Loopback, type LoopbackOptions } from './loopback.ts';
