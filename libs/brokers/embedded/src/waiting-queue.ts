import { priorities } from '@waybill/message';
import { Deque } from './deque.ts';
import type { Entry } from './entry.ts';

const inOrder = (one: Entry, other: Entry): number => one.sequence - other.sequence;

/** Messages that wait for a consumer: the most urgent first, and in order of arrival within one priority. */
export class WaitingQueue {
  readonly #levels = priorities.map(() => new Deque<Entry>());

  add(entry: Entry): void {
    this.#levels[entry.level]?.push(entry);
  }

  /** Puts it back where it was before it was taken. */
  giveBack(entry: Entry): void {
    this.#levels[entry.level]?.insert(entry, (other) => other.sequence < entry.sequence);
  }

  take(): Entry | undefined {
    for (const level of this.#levels) {
      for (let entry = level.shift(); entry; entry = level.shift()) {
        if (!entry.committed) return entry;
      }
    }
    return undefined;
  }

  /** Removes and returns the messages of some partitions; the others keep their places. */
  extract(belongs: (partition: number) => boolean): Entry[] {
    const taken: Entry[] = [];
    for (const level of this.#levels) {
      for (const entry of level.drain()) {
        if (entry.committed) continue;
        if (belongs(entry.partition)) taken.push(entry);
        else level.push(entry);
      }
    }
    return taken;
  }

  /** Inserts messages that waited elsewhere, each in its place. */
  merge(entries: readonly Entry[]): void {
    for (const [level, queue] of this.#levels.entries()) {
      const added = entries.filter((entry) => entry.level === level);
      if (added.length === 0) continue;
      for (const entry of [...queue.drain(), ...added].sort(inOrder)) queue.push(entry);
    }
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const level of this.#levels) {
      for (const entry of level) if (!entry.committed) yield entry;
    }
  }
}
