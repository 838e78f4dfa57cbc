export { type Life, type Running, runProcess } from './run-process.ts';
