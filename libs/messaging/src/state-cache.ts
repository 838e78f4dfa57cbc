import { refName, type StateRef } from './state.ts';
import type { Loaded } from './store.ts';

/**
 * The states this process wrote or read last, so that the next message of a key needs no read. It may be behind
 * another writer: every commit names the versions it was based on, and a miss there evicts the entry.
 */
export class StateCache {
  /** Null: there was no row. */
  private readonly entries = new Map<string, Loaded | null>();

  constructor(private readonly limit = 4_096) {}

  /** `name` is the `refName` of the state; null when there is none, undefined when that is not known. */
  get(name: string): Loaded | null | undefined {
    return this.entries.get(name);
  }

  set(name: string, loaded: Loaded | null): void {
    this.entries.delete(name);
    this.entries.set(name, loaded);
    if (this.entries.size > this.limit) {
      const oldest = this.entries.keys().next().value;
      if (oldest !== undefined) this.entries.delete(oldest);
    }
  }

  /** What a read of `refs` found. A state that was written meanwhile is newer. */
  learn(refs: readonly StateRef[], found: ReadonlyMap<string, Loaded>): void {
    for (const ref of refs) {
      const name = refName(ref);
      if (!this.entries.get(name)) this.set(name, found.get(name) ?? null);
    }
  }

  clear(): void {
    this.entries.clear();
  }

  evict(names: Iterable<string>): void {
    for (const name of names) this.entries.delete(name);
  }
}
