import type { PatientStore } from './patient-store.ts';
import { refName, type StateRef } from './state.ts';
import type { Loaded } from './store.ts';
import type { Work } from './work.ts';

type States = ReadonlyMap<string, Loaded>;

/**
 * The states that this process wrote or read last, so that the next message of a key needs no read. An entry
 * may be stale: every commit names the versions that it was based on, and a conflict evicts the entry.
 */
export class StateCache {
  /** Null: there was no row. */
  private readonly entries = new Map<string, Loaded | null>();

  constructor(private readonly limit = 4_096) {}

  /** `name` is the `refName` of the state; null if it has no row, undefined if that is not known. */
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

  /** Stores what a read of `refs` found. A state that was written meanwhile is newer and stays. */
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

/** Reads the states that messages need: from the cache, or all missing ones in one query. Keys are `refName(ref)`. */
export class StateReader {
  constructor(
    private readonly database: PatientStore,
    private readonly cache: StateCache,
  ) {}

  /**
   * For external calls. Shared states and cached absences are read again, because the commit cannot take an external
   * call back.
   */
  async forCalls(refs: readonly StateRef[]): Promise<States> {
    const known = new Map<string, Loaded>();
    const missing: StateRef[] = [];
    for (const ref of refs) {
      const cached = ref.table.shared ? undefined : this.cache.get(refName(ref));
      if (cached) known.set(refName(ref), cached);
      else missing.push(ref);
    }
    if (missing.length === 0) return known;
    const found = await this.database.patiently(() => this.database.store.load(missing));
    this.cache.learn(missing, found);
    return new Map([...known, ...found]);
  }

  /**
   * For a batch. `mayGuess`: states that are usually new are assumed absent; `remembered` receives the names of states that
   * were not read. A message seen before is decided again for its caller on states from the database, not from the cache.
   */
  async forBatch(
    refs: ReadonlyMap<string, StateRef>,
    works: readonly Work[],
    { mayGuess, remembered }: { readonly mayGuess: boolean; readonly remembered: Set<string> },
  ): Promise<States> {
    const isSeen = works.some((work) => work.seen);
    if (isSeen) this.cache.evict(refs.keys());
    const states = new Map<string, Loaded>();
    const missing: StateRef[] = [];
    for (const [name, ref] of refs) {
      const cached = this.cache.get(name);
      if (cached === undefined && (isSeen || !mayGuess || !ref.isNew)) missing.push(ref);
      else remembered.add(name);
      if (cached) states.set(name, cached);
    }
    if (missing.length === 0) return states;
    const found = await this.database.store.load(missing);
    this.cache.learn(missing, found);
    for (const [name, loaded] of found) states.set(name, loaded);
    return states;
  }
}

/** Every state that a message needs. If its handler fails to name them, the message fails, not the batch. */
export function refsOf(work: Work): StateRef[] {
  const { handler, data } = work;
  if (!handler || work.refusal !== undefined) return [];
  try {
    const { state, begins, also } = handler.options;
    const others = also?.(data) ?? [];
    if (!handler.home) return [...others];
    const home = handler.home.at(state(data));
    return [begins ? { ...home, isNew: true } : home, ...others];
  } catch (error) {
    work.refusal = error;
    return [];
  }
}

/** By `refName`. A state counts as new only if every message assumes it. */
export function uniqueRefs(works: readonly Work[]): Map<string, StateRef> {
  const refs = new Map<string, StateRef>();
  for (const work of works) {
    for (const ref of refsOf(work)) {
      const name = refName(ref);
      if (!ref.isNew || !refs.has(name)) refs.set(name, ref);
    }
  }
  return refs;
}
