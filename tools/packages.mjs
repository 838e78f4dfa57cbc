/** The packages of the lock file, and which of them are in `node_modules`. Plain Node, no dependency. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The state of a folder's packages: `all`; `running`, only what running and bundling need; or `nothing`, also when a
 * package is missing or of another version. `development` tells whether any development-only package was there.
 */
export function installedIn(folder) {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  if (!wanted) {
    throw new Error(
      `${join(folder, 'package-lock.json')} is damaged: restore it, for instance by git`,
    );
  }
  // After a power failure it may be empty, and so may the packages.
  const present = packagesOf(copyIn(folder)) ?? {};
  const missing = Object.entries(wanted).filter(([path, { version, optional }]) => {
    if (!path.startsWith('node_modules/')) return false;
    const found = present[path];
    return found ? found.version !== version : !optional;
  });
  const isStale = missing.some(([path, { dev }]) => !dev || present[path]);
  const development = Object.values(present).some(({ dev }) => dev);
  return { has: isStale ? 'nothing' : missing.length > 0 ? 'running' : 'all', development };
}

/** Until an installation has completed, nothing counts as installed: npm writes its copy of the lock file last. */
export function beginInstallation(folder) {
  rmSync(copyIn(folder), { force: true });
}

const copyIn = (folder) => join(folder, 'node_modules', '.package-lock.json');

/** Undefined when the file is missing or damaged. */
function packagesOf(file) {
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
  } catch {
    return undefined;
  }
}
