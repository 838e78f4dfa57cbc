import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root of the repository, also when this runs from `dist`. */
export const root = rootFrom(import.meta.dirname);

function rootFrom(folder: string): string {
  return existsSync(join(folder, 'nx.json')) ? folder : rootFrom(dirname(folder));
}

const notOurs = new Set(['node_modules', 'dist', 'coverage']);

/** Every file below `folder` (relative to the root) whose name ends with `suffix`, as a path from the root. */
export function filesBelow(folder: string, suffix: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return isOurs(entry.name) ? filesBelow(path, suffix) : [];
    return entry.name.endsWith(suffix) ? [path] : [];
  });
}

const isOurs = (name: string): boolean => !notOurs.has(name) && !name.startsWith('.');
