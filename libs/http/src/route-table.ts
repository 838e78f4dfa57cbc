/** A route of an application; `path` has parameters as `:name` or `:name.pdf`, and may end in `*`. */
export interface Route {
  readonly method: string;
  readonly path: string;
  /** The largest body in bytes, if it is not `defaultBodyLimit`. */
  readonly bodyLimit?: number;
}

/** The largest body of a route in bytes, by default. */
export const defaultBodyLimit = 64 * 1024;

interface Entry {
  readonly parts: readonly string[];
  readonly methods: Set<string>;
  bodyLimit: number;
}

/** Every route of an application, for 405 responses and for a gateway that looks for the owner of a request. */
export class RouteTable {
  private readonly entries = new Map<string, Entry>();
  /** By number of path segments, so that a look-up compares few. */
  private readonly byLength = new Map<number, Entry[]>();
  private readonly open: Entry[] = [];

  add(method: string, path: string, bodyLimit = defaultBodyLimit): void {
    const known = this.entries.get(path);
    if (known) {
      known.methods.add(method);
      known.bodyLimit = Math.max(known.bodyLimit, bodyLimit);
      return;
    }
    const entry = { parts: partsOf(path), methods: new Set([method]), bodyLimit };
    this.entries.set(path, entry);
    if (path.endsWith('*')) this.open.push(entry);
    else
      this.byLength.set(entry.parts.length, [
        ...(this.byLength.get(entry.parts.length) ?? []),
        entry,
      ]);
  }

  all(): readonly Route[] {
    return [...this.entries].flatMap(([path, { methods, bodyLimit }]) =>
      [...methods].map((method) => ({
        method,
        path,
        ...(bodyLimit === defaultBodyLimit ? {} : { bodyLimit }),
      })),
    );
  }

  /** Whether some route serves this path. Called for every request of a gateway, so most are found without comparing segments. */
  serves(path: string): boolean {
    return this.entries.has(path) || this.at(path).length > 0;
  }

  /** The methods that some route serves at this path; empty if there is none. */
  methodsAt(path: string): readonly string[] {
    return [...new Set(this.at(path).flatMap(({ methods }) => [...methods]))].sort();
  }

  /** The largest body limit of the routes at this path, in bytes. */
  bodyLimitAt(path: string): number {
    return Math.max(defaultBodyLimit, ...this.at(path).map(({ bodyLimit }) => bodyLimit));
  }

  /** The path of the route that serves this path, with its parameters; undefined if there is none. */
  patternAt(path: string): string | undefined {
    return this.at(path)[0]?.parts.join('/');
  }

  private at(path: string): readonly Entry[] {
    const parts = partsOf(path);
    const isServed = (entry: Entry): boolean => matches(entry.parts, parts);
    const found = this.byLength.get(parts.length)?.filter(isServed) ?? [];
    return this.open.length === 0 ? found : [...found, ...this.open.filter(isServed)];
  }
}

const partsOf = (path: string): string[] => path.split('/');

const matches = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.every((part, i) =>
    part === '*'
      ? parts.length >= i
      : part.startsWith(':')
        ? fits(part, parts[i] ?? '')
        : part === parts[i],
  );

/** Whether the router takes `given` as this parameter, such as `:id`, or `:number.pdf`, which has no line break before its end. */
function fits(parameter: string, given: string): boolean {
  const dot = parameter.indexOf('.');
  if (dot < 0) return given !== '';
  const end = parameter.slice(dot);
  return given.length > end.length && given.endsWith(end) && !/%0[ad]|%e2%80%a[89]/i.test(given);
}
