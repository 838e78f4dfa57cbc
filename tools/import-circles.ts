/** Files or folders with their imports. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/** The shortest circle through each file that is on one; each circle is listed once and closed: `['a', 'b', 'a']`. */
export function circlesIn(imports: Imports): string[][] {
  const circles = new Map<string, string[]>();
  for (const start of [...imports.keys()].sort()) {
    const circle = circleThrough(imports, start);
    const members = [...new Set(circle)].sort().join();
    if (circle && !circles.has(members)) circles.set(members, circle);
  }
  return [...circles.values()];
}

/** Imports between the folders that `folderOf` returns; files without a folder are left out. */
export function betweenFolders(
  imports: Imports,
  folderOf: (file: string) => string | undefined,
): Imports {
  const between = new Map<string, Set<string>>();
  for (const [file, targets] of imports) {
    const from = folderOf(file);
    if (from === undefined) continue;
    const others = between.get(from) ?? new Set();
    between.set(from, others);
    for (const to of targets) {
      const folder = folderOf(to);
      if (folder !== undefined && folder !== from) others.add(folder);
    }
  }
  return between;
}

function circleThrough(imports: Imports, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const target of imports.get(file) ?? []) {
      if (target === start) return [...wayTo(file, cameFrom), start];
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return undefined;
}

function wayTo(file: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const before = cameFrom.get(file);
  return before === undefined ? [file] : [...wayTo(before, cameFrom), file];
}
