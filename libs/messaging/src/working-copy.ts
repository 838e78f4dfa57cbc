import { type Change, refName, type StateRef, type StateTable } from './state.ts';
import type { Batch, EventWrite, Loaded, StateRead, StateWrite } from './store.ts';

interface Entry {
  readonly ref: StateRef;
  readonly before: object | undefined;
  value: object | undefined;
  readonly loaded: number;
  version: number;
}

/**
 * The states of a batch while it is decided: later messages see the effects of earlier ones, and each row is
 * written once, at the version that was loaded.
 */
export class WorkingCopy {
  private readonly entries = new Map<string, Entry>();
  private readonly events: EventWrite[] = [];
  private readonly journals: Batch['entries'][number][] = [];

  constructor(private readonly lookup: (name: string) => Loaded | undefined) {}

  read<S extends object>(ref: StateRef<S>): S | undefined {
    return this.entry(ref as unknown as StateRef).value as S | undefined;
  }

  version(ref: StateRef): number {
    return this.entry(ref).version;
  }

  /**
   * Applies what one decision changes and answers what `then` makes of it. When either throws, it is as if the
   * decision had never been: a message that fails leaves nothing behind.
   */
  apply<T>(changes: readonly Change[], at: string, messageId: string, then: () => T): T {
    const [events, journals] = [this.events.length, this.journals.length];
    const touched: [entry: Entry, value: object | undefined, version: number][] = [];
    try {
      for (const change of changes) {
        if (change.kind === 'entry') {
          this.journals.push(change);
          continue;
        }
        const entry = this.entry(change.ref);
        touched.push([entry, entry.value, entry.version]);
        if (change.kind === 'put') this.put(entry, change.value);
        else this.append(entry, change, at, messageId);
      }
      return then();
    } catch (error) {
      for (const [entry, value, version] of touched.reverse())
        Object.assign(entry, { value, version });
      this.events.length = events;
      this.journals.length = journals;
      throw error;
    }
  }

  /** What must be written, and what must not have moved on meanwhile. Shared rows are locked, so they cannot. */
  writes(): Pick<Batch, 'states' | 'events' | 'entries'> & { reads: StateRead[] } {
    const states: StateWrite[] = [];
    const reads: StateRead[] = [];
    for (const { ref, before, value, loaded, version } of this.entries.values()) {
      const { table, id } = ref;
      if (value !== undefined && version !== loaded)
        states.push({ table, id, value, before, loaded, version });
      else if (!table.shared) reads.push({ table, id, version: loaded });
    }
    return { states, reads, events: this.events, entries: this.journals };
  }

  private put(entry: Entry, value: object): void {
    entry.value = value;
    entry.version += 1;
  }

  private append(
    entry: Entry,
    change: Extract<Change, { kind: 'append' }>,
    at: string,
    messageId: string,
  ): void {
    const stream = streamOf(change.ref.table);
    for (const event of change.events) {
      entry.version += 1;
      entry.value = stream.evolve(entry.value, event, {
        id: change.ref.id,
        version: entry.version,
        at,
      });
      this.events.push({
        table: change.ref.table,
        streamId: change.ref.id,
        version: entry.version,
        event,
        at,
        messageId,
      });
    }
  }

  private entry(ref: StateRef): Entry {
    const name = refName(ref);
    let entry = this.entries.get(name);
    if (!entry) {
      const loaded = this.lookup(name);
      entry = {
        ref,
        before: loaded?.value,
        value: loaded?.value,
        loaded: loaded?.version ?? 0,
        version: loaded?.version ?? 0,
      };
      this.entries.set(name, entry);
    }
    return entry;
  }
}

function streamOf(table: StateTable): NonNullable<StateTable['stream']> {
  if (!table.stream)
    throw new TypeError(`${table.table} is no stream: put its value instead of appending events`);
  return table.stream;
}
