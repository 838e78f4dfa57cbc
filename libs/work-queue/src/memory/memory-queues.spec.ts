import { queueTests } from '../testing/queue.tests.ts';
import { MemoryQueues } from './memory-queues.ts';

queueTests('this process', async () => new MemoryQueues());
