export { type Job, JobLost, type JobView, type NewJob } from './jobs/job.ts';
export { JobTable } from './jobs/job-table.ts';
export { WORK_OPTIONS, WorkModule, type WorkOptions } from './jobs/work.module.ts';
export { Work } from './jobs/work.ts';
export { jobOf, workJobs } from './jobs/work-job.entity.ts';
export { workMigrations } from './jobs/work-jobs.ts';
export { WorksOn, type WorksOnOptions } from './jobs/works-on.ts';
export { ListQueue } from './list-queue.ts';
export { MemoryQueues } from './memory/memory-queues.ts';
export {
  type LeasedItem,
  PriorityQueue,
  type QueuedItem,
  type QueueSize,
  type TakeOptions,
  type WorkPriority,
  workPriorities,
} from './priority-queue.ts';
export { RedisListQueue } from './redis/redis-list-queue.ts';
export { RedisQueues, type RedisQueuesOptions } from './redis/redis-queues.ts';
export { type ConnectionUse, WorkQueues } from './work-queues.ts';
