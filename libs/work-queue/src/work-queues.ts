import type { ListQueue } from './list-queue.ts';
import type { PriorityQueue } from './priority-queue.ts';

/** The connections of the queues: how many there may be, and how many are open and serve a call. */
export interface ConnectionUse {
  readonly limit: number;
  readonly open: number;
  readonly active: number;
}

/** The queues of a service, by name. The same name is the same queue in every process, where these share a server. */
export abstract class WorkQueues {
  /** Connects, if there is something to connect to. */
  abstract open(): Promise<void>;

  abstract priority(name: string): PriorityQueue;

  abstract list(name: string): ListQueue;

  /** Null without a server. */
  abstract get connections(): ConnectionUse | null;

  /** Receives no more wake-ups and closes the connections. */
  abstract close(): Promise<void>;
}
