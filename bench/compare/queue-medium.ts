import { setTimeout as pause } from 'node:timers/promises';
import { RedisQueues } from '@waybill/work-queue';
import { type Entry, entryFrom, lineOf, withFiller } from './entry.ts';
import type { Medium, Sent } from './medium.ts';

const lease = 5_000;

/** The priority queue of Redis by itself, without the rows in PostgreSQL that Waybill has for its jobs. */
export class QueueMedium implements Medium {
  private constructor(private readonly queues: RedisQueues) {}

  static async open(url: string, namespace: string): Promise<QueueMedium> {
    const queues = new RedisQueues({ service: 'compare', url, namespace });
    await queues.open();
    return new QueueMedium(queues);
  }

  send(entries: readonly Entry[], sent: Sent): void {
    const items = entries.map((entry) => ({
      id: withFiller(lineOf(entry)),
      priority: 'normal' as const,
    }));
    const settle = (error?: Error): void => {
      for (const entry of entries) sent(entry, error);
    };
    this.queue()
      .add(items)
      .then(() => settle(), settle);
  }

  async receive(record: (entry: Entry) => void): Promise<void> {
    void this.takeForever(record);
  }

  private async takeForever(record: (entry: Entry) => void): Promise<void> {
    const queue = this.queue();
    for (;;) {
      try {
        const taken = await queue.take(100, { lease, wait: 1_000 });
        for (const { id } of taken) record(entryFrom(id));
        if (taken.length > 0) await queue.ack(taken);
      } catch {
        // Redis is away: the entries that were taken come again when their lease has ended.
        await pause(100);
      }
    }
  }

  private queue() {
    return this.queues.priority('compare');
  }
}
