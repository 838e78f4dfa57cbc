/** One route that an application serves; `path` has parameters as `:name`, and may end in `*`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

interface Entry {
  readonly parts: readonly string[];
  readonly methods: Set<string>;
}

/** Every route of an application: for 405 answers, and for a gateway that looks for the owner of a request. */
export class RouteTable {
  private readonly entries = new Map<string, Entry>();
  /** By number of parts, so that a look-up compares few. */
  private readonly byLength = new Map<number, Entry[]>();
  private readonly open: Entry[] = [];

  add(method: string, path: string): void {
    const known = this.entries.get(path);
    if (known) {
      known.methods.add(method);
      return;
    }
    const entry = { parts: partsOf(path), methods: new Set([method]) };
    this.entries.set(path, entry);
    if (path.endsWith('*')) this.open.push(entry);
    else
      this.byLength.set(entry.parts.length, [
        ...(this.byLength.get(entry.parts.length) ?? []),
        entry,
      ]);
  }

  all(): readonly Route[] {
    return [...this.entries].flatMap(([path, { methods }]) =>
      [...methods].map((method) => ({ method, path })),
    );
  }

  /** The methods that some route serves at this path; empty when there is none. */
  methodsAt(path: string): readonly string[] {
    const parts = partsOf(path);
    const found = new Set<string>();
    for (const entry of this.byLength.get(parts.length) ?? []) {
      if (matches(entry.parts, parts)) for (const method of entry.methods) found.add(method);
    }
    for (const entry of this.open) {
      if (matches(entry.parts, parts)) for (const method of entry.methods) found.add(method);
    }
    return [...found].sort();
  }
}

const partsOf = (path: string): string[] => path.split('/');

const matches = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.every((part, i) =>
    part === '*' ? parts.length >= i : part.startsWith(':') ? Boolean(parts[i]) : part === parts[i],
  );
