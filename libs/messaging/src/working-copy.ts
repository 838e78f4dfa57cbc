import { type Change, refName, type StateRef, type StateTable } from './state.ts';
import type { Batch, EventWrite, Loaded, StateRead, StateWrite } from './store.ts';

interface Entry {
  readonly ref: StateRef;
  readonly before: object | undefined;
  value: object | undefined;
  readonly loaded: number;
  version: number;
}

/** An entry as it was before a decision. */
type Touched = readonly [entry: Entry, value: object | undefined, version: number];

function undo(touched: Touched[]): void {
  for (const [entry, value, version] of touched.reverse()) Object.assign(entry, { value, version });
}

/** When and for which message a decision is applied, and whether it publishes anything. */
interface Moment {
  readonly at: string;
  readonly messageId: string;
  readonly speaks?: boolean;
}

/**
 * The states of a batch while it is decided: later messages see the effects of earlier ones,
 * and each row is written once, at the version that was loaded.
 */
export class WorkingCopy {
  private readonly entries = new Map<string, Entry>();
  private readonly events: EventWrite[] = [];
  private readonly appended: Batch['entries'][number][] = [];

  /** `isLocked`: no other process can write the states that keys share. */
  constructor(
    private readonly lookup: (name: string) => Loaded | undefined,
    private readonly isLocked = false,
  ) {}

  read<S extends object>(ref: StateRef<S>): S | undefined {
    return this.entry(ref as unknown as StateRef).value as S | undefined;
  }

  version(ref: StateRef): number {
    return this.entry(ref).version;
  }

  /**
   * Applies the changes of one decision and returns the result of `then`. If either throws, the
   * changes are undone, so a failed message has no effect. An unchanged value is not written,
   * unless the decision `speaks`, because its messages are numbered by the version of its state.
   */
  apply<T>(changes: readonly Change[], { at, messageId, speaks = true }: Moment, then: () => T): T {
    const [events, appended] = [this.events.length, this.appended.length];
    const touched: Touched[] = [];
    try {
      for (const change of changes) {
        if (change.kind === 'entry') {
          this.appended.push(change);
          continue;
        }
        const entry = this.entry(change.ref);
        touched.push([entry, entry.value, entry.version]);
        if (change.kind === 'append') this.append(entry, change, at, messageId);
        else if (speaks || !isSame(entry.value, change.value)) this.put(entry, change.value);
      }
      return then();
    } catch (error) {
      undo(touched);
      this.events.length = events;
      this.appended.length = appended;
      throw error;
    }
  }

  /**
   * What must be written, and what must not have changed meanwhile. Locked rows cannot change. Other shared
   * rows are listed even if they are written, because the store locks them in id order before it writes any.
   */
  writes(): Pick<Batch, 'states' | 'events' | 'entries'> & { reads: StateRead[] } {
    const states: StateWrite[] = [];
    const reads: StateRead[] = [];
    for (const { ref, before, value, loaded, version } of this.entries.values()) {
      const { table, id } = ref;
      const isWritten = value !== undefined && version !== loaded;
      if (isWritten) states.push({ table, id, value, before, loaded, version });
      const isRead = table.shared ? !this.isLocked && !(isWritten && loaded === 0) : !isWritten;
      if (isRead) reads.push({ table, id, version: loaded });
    }
    return { states, reads, events: this.events, entries: this.appended };
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

/** Compares field by field; a nested object is equal only if it is the same object. */
function isSame(before: object | undefined, after: object): boolean {
  if (before === undefined) return false;
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const names = Object.keys(b);
  return names.length === Object.keys(a).length && names.every((name) => a[name] === b[name]);
}

function streamOf(table: StateTable): NonNullable<StateTable['stream']> {
  if (!table.stream)
    throw new TypeError(
      `${table.table} is not a stream: put its value instead of appending events`,
    );
  return table.stream;
}
