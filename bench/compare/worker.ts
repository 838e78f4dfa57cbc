/** A process that publishes or consumes, or both, and keeps records of it; it ends by being killed. */
import { openSync, writeSync } from 'node:fs';
import process from 'node:process';
import { BrokerMedium } from './broker-medium.ts';
import type { CarrierName } from './carrier.ts';
import { type Entry, lineOf, now } from './entry.ts';
import type { Medium } from './medium.ts';
import { QueueMedium } from './queue-medium.ts';

/** The task of a worker, its first argument. */
export interface WorkerTask {
  readonly carrier: CarrierName;
  readonly namespace: string;
  /** The records: each line is written before the message is acknowledged. */
  readonly received: string | null;
  readonly confirmed: string | null;
}

/** What a worker is told to publish, by a message to its process. */
export interface PublishOrder {
  readonly from: number;
  readonly count: number;
  readonly keys: number;
  /** The most messages that are sent and not confirmed. */
  readonly window: number;
}

const task = JSON.parse(process.argv[2] ?? '') as WorkerTask;
const medium = await open(task);
if (task.received) {
  const write = recordIn(task.received);
  await medium.receive((entry) => write({ ...entry, at: now() }));
}
const confirm = task.confirmed ? recordIn(task.confirmed) : () => {};
process.on('message', async (order: PublishOrder) => {
  await publish(order);
  process.send?.('published');
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

function open({ carrier, namespace }: WorkerTask): Promise<Medium> {
  if (carrier === 'redis-queue') return QueueMedium.open(process.env['REDIS_URL'] ?? '', namespace);
  return BrokerMedium.open(carrier, process.env, namespace);
}

/** A written line survives the kill of this process. */
function recordIn(path: string): (entry: Entry) => void {
  const file = openSync(path, 'a');
  return (entry) => void writeSync(file, `${lineOf(entry)}\n`);
}

/** Publishes in order, `window` at most at once, and ends at the first error: what comes later is not sent. */
function publish({ from, count, keys, window }: PublishOrder): Promise<void> {
  let next = from;
  let end = from + count;
  let open = 0;
  return new Promise((resolve) => {
    let isScheduled = false;
    const schedule = (): void => {
      if (isScheduled) return;
      isScheduled = true;
      setImmediate(fill);
    };
    const fill = (): void => {
      isScheduled = false;
      const batch: Entry[] = [];
      for (; open < window && next < end; next += 1, open += 1)
        batch.push({ key: `key-${next % keys}`, seq: next, at: now() });
      if (batch.length > 0) {
        medium.send(batch, (entry, error) => {
          open -= 1;
          if (error) end = next;
          else confirm(entry);
          schedule();
        });
      } else if (open === 0) resolve();
    };
    schedule();
  });
}
