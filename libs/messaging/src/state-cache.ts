import type { Loaded } from './store.ts';

/**
 * The states this process wrote last, so that the next message of a key needs no read. It may be behind
 * another writer: every write names the version it was based on, and a miss there evicts the entry.
 */
export class StateCache {
  private readonly entries = new Map<string, Loaded>();

  constructor(private readonly limit = 4_096) {}

  /** `name` is the `refName` of the state. */
  get(name: string): Loaded | undefined {
    return this.entries.get(name);
  }

  set(name: string, loaded: Loaded): void {
    this.entries.delete(name);
    this.entries.set(name, loaded);
    if (this.entries.size > this.limit) {
      const oldest = this.entries.keys().next().value;
      if (oldest !== undefined) this.entries.delete(oldest);
    }
  }

  clear(): void {
    this.entries.clear();
  }

  evict(names: Iterable<string>): void {
    for (const name of names) this.entries.delete(name);
  }
}
