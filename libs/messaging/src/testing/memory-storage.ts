import type { OnApplicationShutdown } from '@nestjs/common';
import type { Brokers } from '../brokers.ts';
import type { OutboxRow } from '../store.ts';
import { type RunningRelay, Storage } from '../store.ts';
import { MemoryStore } from './memory-store.ts';

/** A storage in memory whose relay publishes at once; a test sets in `lacks` what `missing` returns. */
export class MemoryStorage extends Storage implements OnApplicationShutdown {
  readonly store = new MemoryStore();
  readonly relay: RunningRelay;
  readonly steps: string[] = [];
  lacks: readonly string[] = [];

  constructor(brokers: Brokers) {
    super();
    this.relay = this.directRelay(brokers);
  }

  async missing(): Promise<readonly string[]> {
    return this.lacks;
  }

  oldest(): null {
    return null;
  }

  async maintain(): Promise<() => void> {
    return () => {};
  }

  onApplicationShutdown(): void {
    this.steps.push('database closed');
  }

  private directRelay(brokers: Brokers): RunningRelay {
    const publish = (row: OutboxRow): void => {
      // Every group of the process receives the same object.
      freeze(row.envelope);
      brokers.brokerFor(row.envelope.kind).publish([row], () => {});
    };
    return {
      start: async () => void this.steps.push('relay started'),
      close: async () => void this.steps.push('relay stopped'),
      stats: () => ({ queued: 0, inFlight: 0, failed: 0 }),
      offer: (rows) => rows.forEach(publish),
      announce: () => {},
      takeConfirmed: () => [],
      restore: () => {},
      route: (envelope) => ({
        broker: brokers.brokerFor(envelope.kind).name,
        outboxPartition: 0,
        own: true,
      }),
    };
  }
}

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}
