import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { filesBelow, root } from './repository.ts';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const manifestIn = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** The folders of this repository's packages, by name. */
const folders = new Map(
  filesBelow('libs', 'package.json').map((file) => {
    const folder = join(root, dirname(file));
    return [manifestIn(folder).name, folder];
  }),
);

const needsOf = ({ dependencies, peerDependencies }: Manifest): string[] =>
  Object.keys({ ...dependencies, ...peerDependencies });

/** These packages and those of this repository that they need: name and folder, dependencies first. */
export function closureOf(names: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (name: string): void => {
    const folder = folders.get(name);
    if (!folder || found.has(name)) return;
    for (const needed of needsOf(manifestIn(folder))) visit(needed);
    found.set(name, folder);
  };
  for (const name of names) visit(name);
  return found;
}

/**
 * Copies an example out of the repository and installs the packages of this repository beside it, from `npm pack`. A package
 * resolves only what its own package.json declares; third-party packages come from the repository's `node_modules`, offline.
 */
export function takeHome(example: string, home: string): string {
  const app = join(home, 'app');
  const source = join(root, example);
  const isOwn = (path: string) => !/\/(node_modules|dist)(\/|$)/.test(path.slice(source.length));
  cpSync(source, app, { recursive: true, filter: isOwn });
  const manifest = manifestIn(app);
  const names = needsOf(manifest);
  const packed = pack([...closureOf(names).keys()], join(home, 'packed'));
  const places = new Map([...packed.keys()].map((name) => [name, placeOf(home, name)]));
  for (const [name, tarball] of packed) {
    const place = places.get(name) as string;
    mkdirSync(place, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', place, '--strip-components=1']);
    link(needsOf(manifestIn(place)), join(place, '..', '..'), places);
  }
  link(
    [...names, ...Object.keys(manifest.devDependencies ?? {})],
    join(app, 'node_modules'),
    places,
  );
  return app;
}

/** Compiles the application as its own `npm run build` does, against the packed types. */
export function compile(app: string): void {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', app], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

const placeOf = (home: string, name: string): string =>
  join(home, 'store', name.replace('/', '+'), 'node_modules', name);

/** The tarballs by package name. */
function pack(names: readonly string[], folder: string): ReadonlyMap<string, string> {
  mkdirSync(folder, { recursive: true });
  const workspaces = names.flatMap((name) => ['-w', name]);
  const more = ['--pack-destination', folder, '--ignore-scripts', '--silent'];
  execFileSync('npm', ['pack', ...workspaces, ...more], { cwd: root });
  const files = readdirSync(folder);
  return new Map(
    names.map((name) => {
      const prefix = `${name.replace('@', '').replace('/', '-')}-`;
      const file = files.find(
        (each) => each.startsWith(prefix) && /^\d/.test(each.slice(prefix.length)),
      );
      if (!file) throw new Error(`npm pack made no tarball of ${name}`);
      return [name, join(folder, file)];
    }),
  );
}

function link(names: readonly string[], into: string, places: ReadonlyMap<string, string>): void {
  for (const name of names) {
    const at = join(into, name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(places.get(name) ?? join(root, 'node_modules', name), at);
  }
}
