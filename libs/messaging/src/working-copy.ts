import { type Change, refName, type StateRef, type StateTable } from './state.ts';
import type { Batch, EventWrite, Loaded, StateWrite } from './store.ts';

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

  constructor(private readonly lookup: (ref: StateRef) => Loaded | undefined) {}

  read<S extends object>(ref: StateRef<S>): S | undefined {
    return this.entry(ref as unknown as StateRef).value as S | undefined;
  }

  version(ref: StateRef): number {
    return this.entry(ref).version;
  }

  /** Applies what one decision changes. */
  apply(changes: readonly Change[], at: string, messageId: string): void {
    for (const change of changes) {
      if (change.kind === 'entry') this.journals.push(change);
      else if (change.kind === 'put') this.put(change.ref, change.value);
      else this.append(change, at, messageId);
    }
  }

  /** What must be written. */
  writes(): { states: StateWrite[]; events: EventWrite[]; entries: Batch['entries'] } {
    const states: StateWrite[] = [];
    for (const { ref, before, value, loaded, version } of this.entries.values()) {
      if (value !== undefined && version !== loaded)
        states.push({ table: ref.table, id: ref.id, value, before, loaded, version });
    }
    return { states, events: this.events, entries: this.journals };
  }

  private put(ref: StateRef, value: object): void {
    const entry = this.entry(ref);
    entry.value = value;
    entry.version += 1;
  }

  private append(change: Extract<Change, { kind: 'append' }>, at: string, messageId: string): void {
    const entry = this.entry(change.ref);
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
      const loaded = this.lookup(ref);
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
