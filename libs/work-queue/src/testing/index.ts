export { queueTests } from './queue.tests.ts';
