import { type Clock, systemClock } from '@waybill/messaging';
import { WakeUps } from '../wake-ups.ts';
import { WorkQueues } from '../work-queues.ts';
import { MemoryListQueue } from './memory-list-queue.ts';
import { MemoryPriorityQueue } from './memory-priority-queue.ts';

/** Queues in this process, for a system without Redis. They are empty after a restart. */
export class MemoryQueues extends WorkQueues {
  private readonly wakeUps = new WakeUps();
  private readonly priorities = new Map<string, MemoryPriorityQueue>();
  private readonly lists = new Map<string, MemoryListQueue>();

  constructor(private readonly clock: Clock = systemClock) {
    super();
  }

  async open(): Promise<void> {}

  priority(name: string): MemoryPriorityQueue {
    const queue =
      this.priorities.get(name) ?? new MemoryPriorityQueue(name, this.clock, this.wakeUps);
    this.priorities.set(name, queue);
    return queue;
  }

  list(name: string): MemoryListQueue {
    const queue = this.lists.get(name) ?? new MemoryListQueue(name, this.clock, this.wakeUps);
    this.lists.set(name, queue);
    return queue;
  }

  get connections(): null {
    return null;
  }

  async close(): Promise<void> {
    this.wakeUps.wakeAll();
  }
}
