import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { betweenFolders, circlesIn, type Imports } from './import-circles.ts';
import { filesBelow, root } from './repository.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  /** Packages that a library shares with the application that uses it. */
  readonly peerDependencies?: Record<string, string>;
  readonly nx?: { readonly tags?: readonly string[] };
}

interface Project {
  readonly dir: string;
  readonly name: string;
  readonly kind: string;
  readonly layer: string;
  readonly scope: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** Which kinds a kind may use; a library is also limited to its own layer and lower ones. */
const mayUse: Record<string, readonly string[]> = {
  lib: ['lib'],
  service: ['lib'],
  sandbox: ['lib'],
  web: ['lib'],
  app: ['lib', 'service', 'sandbox'],
  e2e: ['lib', 'service', 'sandbox', 'app', 'tool', 'e2e'],
  tool: ['lib', 'service', 'sandbox', 'app', 'tool', 'e2e'],
};

/** From the lowest up: a library uses its own layer and those before it. */
const layers = ['contract', 'foundation', 'plumbing', 'pattern', 'hosting', 'testing'];

/** Folders of a service, from the lowest up: each imports those before it; two in one row do not import each other. */
const folders = [
  ['domain'],
  ['storage', 'clients', 'invoice'],
  ['sagas'],
  ['messages'],
  ['http', 'grpc'],
];

const manifestAt = (dir: string): Manifest =>
  JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8')) as Manifest;

const rootDevDependencies = new Set(Object.keys(manifestAt('.').devDependencies ?? {}));
const projects = filesBelow('.', 'package.json')
  .map((file) => dirname(file))
  .filter((dir) => dir !== '.' && manifestAt(dir).nx?.tags)
  .map(projectAt);

function projectAt(dir: string): Project {
  const manifest = manifestAt(dir);
  const tag = (name: string): string =>
    manifest.nx?.tags?.find((found) => found.startsWith(`${name}:`))?.slice(name.length + 1) ?? '';
  return {
    dir,
    name: manifest.name,
    kind: tag('kind'),
    layer: tag('layer'),
    scope: tag('scope'),
    dependencies: new Set(Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })),
    devDependencies: new Set(Object.keys(manifest.devDependencies ?? {})),
  };
}

/** Static imports, re-exports, side-effect imports, and literal dynamic imports and resolves; not SQL in a string. */
const importPattern =
  /(?:\bfrom\s+|\bimport\s*\(\s*|(?:\brequire|\))\.resolve\(|^import\s+)'([^'"\s]+)'/gm;

const importsOf = (project: Project): Import[] =>
  ['.ts', '.tsx']
    .flatMap((suffix) => filesBelow(project.dir, suffix))
    .filter((file) => projectOf(file) === project)
    .flatMap(importsIn);

/** The innermost one, because a project may be in the folder of another. */
const projectOf = (file: string): Project | undefined =>
  projects
    .filter(({ dir }) => file.startsWith(`${dir}/`))
    .sort((one, other) => other.dir.length - one.dir.length)[0];

const importsIn = (file: string): Import[] =>
  [...withoutComments(file).matchAll(importPattern)].map(([, specifier = '']) => ({
    file,
    specifier,
  }));

const withoutComments = (file: string): string =>
  readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '');

/** The reason why an import is not allowed; undefined when it is. */
function wrongWith(project: Project, { file, specifier }: Import): string | undefined {
  if (specifier.startsWith('.')) return wrongWithRelative(project, file, specifier);
  if (specifier.startsWith('node:')) return isDomain(file) ? 'domain code does no I/O' : undefined;
  const target = projects.find(({ name }) => isIn(specifier, name));
  if (target === project && !isTest(project, file))
    return 'a project imports its own files by their path';
  if (target && target.name !== project.name) {
    return wrongWithProject(project, file, target) ?? undeclared(project, file, target.name);
  }
  if (isDomain(file)) return 'domain code uses only domain code and @waybill/contracts';
  return target ? undefined : undeclared(project, file, packageOf(specifier));
}

function wrongWithRelative(project: Project, file: string, specifier: string): string | undefined {
  const target = targetOf({ file, specifier });
  if (!target.startsWith(`${project.dir}/`)) return 'reaches into another project';
  if (isDomain(file) && !isDomain(target)) return 'domain code uses only domain code';
  if (project.kind !== 'service' || isTest(project, file)) return undefined;
  const [from = '', to = ''] = [folderOf(file), folderOf(target)];
  const isBelow = from !== to && heightOf(from) >= 0 && heightOf(from) <= heightOf(to);
  return isBelow ? `${from} is not above ${to}` : undefined;
}

const targetOf = ({ file, specifier }: Import): string =>
  relative(root, resolve(root, dirname(file), specifier))
    .split(sep)
    .join('/');

/** The folder of a service; a file beside the folders stands for itself. */
const folderOf = (file: string): string | undefined =>
  file.match(/^services\/[^/]+\/src\/([^/]+)/)?.[1];
const heightOf = (folder: string): number => folders.findIndex((row) => row.includes(folder));

function wrongWithProject(project: Project, file: string, target: Project): string | undefined {
  const testsOnIt =
    project.kind === 'service' && target.kind === 'sandbox' && isTest(project, file);
  if (!mayUse[project.kind]?.includes(target.kind) && !testsOnIt) {
    return `a ${project.kind} may not use a ${target.kind}`;
  }
  if (project.kind === 'lib' && layers.indexOf(target.layer) > layers.indexOf(project.layer)) {
    return `layer ${project.layer} is below ${target.layer}`;
  }
  if (target.layer === 'testing' && !isTest(project, file))
    return 'only tests use the testing library';
  if (isDomain(file) && target.layer !== 'contract')
    return 'domain code uses only @waybill/contracts';
  return undefined;
}

/** A spec may also use what its project or the root declares in devDependencies. */
function undeclared(project: Project, file: string, name: string): string | undefined {
  if (project.dependencies.has(name)) return undefined;
  const forTests = project.devDependencies.has(name) || rootDevDependencies.has(name);
  if (forTests && isTest(project, file)) return undefined;
  return forTests ? 'is a development dependency' : 'is not in package.json';
}

/** Started by path, as a separate process, and therefore never imported. */
const started = new Set([
  '@waybill/all-in-one',
  '@waybill/carriers',
  '@waybill/mail',
  '@waybill/payment-provider',
]);

/** The declared dependencies that nothing imports, or that only tests import. */
function wronglyDeclared(project: Project): string[] {
  const used = new Set(importsOf(project).map(({ specifier }) => packageOf(specifier)));
  const shipped = new Set(
    importsOf(project)
      .filter(({ file }) => project.layer === 'testing' || !isTest(project, file))
      .map(({ specifier }) => packageOf(specifier)),
  );
  const needed = new Set([...used].flatMap((name) => peersOf(project, name)));
  const isUnused = (name: string): boolean =>
    !used.has(name) && !needed.has(name) && !used.has(name.replace('@types/', ''));
  const ofTests = ({ kind }: Project): boolean => kind === 'e2e' || kind === 'tool';
  return [
    ...[...project.dependencies, ...project.devDependencies]
      .filter((name) => isUnused(name) && !(ofTests(project) && started.has(name)))
      .map((name) => `${name}: nothing imports it`),
    ...[...project.dependencies]
      .filter((name) => used.has(name) && !shipped.has(name) && !needed.has(name))
      .filter(() => !ofTests(project))
      .map((name) => `${name}: only tests import it, so it is a development dependency`),
  ];
}

/** The peer dependencies that a package requires. */
function peersOf({ dir }: Project, name: string): string[] {
  const file = [dir, '.']
    .map((folder) => join(root, folder, 'node_modules', name, 'package.json'))
    .find((path) => existsSync(path));
  if (file === undefined) return [];
  const { peerDependencies = {}, peerDependenciesMeta = {} } = JSON.parse(
    readFileSync(file, 'utf8'),
  ) as {
    peerDependencies?: Record<string, string>;
    peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  };
  return Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
}

const isIn = (specifier: string, name: string): boolean =>
  specifier === name || specifier.startsWith(`${name}/`);
const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const isDomain = (file: string): boolean =>
  file.includes('/src/domain/') && !file.endsWith('.spec.ts');
const isTest = ({ kind }: Project, file: string): boolean =>
  file.endsWith('.spec.ts') || file.includes('/testing/') || kind === 'e2e' || kind === 'tool';

/** Every source file of the repository with its relative imports, including type-only imports; specs are left out. */
const fileImports: Imports = new Map(
  ['.ts', '.tsx', '.mts', '.mjs', '.cjs', '.js']
    .flatMap((suffix) => filesBelow('.', suffix))
    .filter((file) => !file.endsWith('.spec.ts'))
    .map((file) => {
      const byPath = importsIn(file).filter(({ specifier }) => specifier.startsWith('.'));
      return [file, new Set(byPath.map(targetOf))];
    }),
);

/** Each with the imports that close it. */
function circlesOfFolders({ dir }: Project): string[] {
  const files = new Map([...fileImports].filter(([file]) => file.startsWith(`${dir}/`)));
  return circlesIn(betweenFolders(files, folderOf)).map((circle) => {
    const by = circle.slice(1).flatMap((to, i) => importsBetween(files, circle[i], to));
    return `${circle.join(' -> ')} by ${by.join(', ')}`;
  });
}

const importsBetween = (imports: Imports, from: string | undefined, to: string): string[] =>
  [...imports].flatMap(([file, targets]) =>
    [...targets]
      .filter((target) => folderOf(file) === from && folderOf(target) === to)
      .map((target) => `${file} -> ${target}`),
  );

describe('module boundaries', () => {
  it('finds the projects', () => {
    expect(projects.length).toBeGreaterThan(10);
  });

  it('have their specs run from the root', async () => {
    const { default: jest } = (await import(join(root, 'jest.config.js'))) as {
      default: { projects: string[] };
    };
    const run = jest.projects.map((project) =>
      project.replace(/^<rootDir>\/|\/jest\.config\.js$/g, ''),
    );
    const withSpecs = filesBelow('.', 'jest.config.js').map((file) => dirname(file));
    const isRun = (dir: string) => run.includes(dir) || run.includes(join(dirname(dir), '*'));
    expect(withSpecs.filter((dir) => dir !== '.' && !isRun(dir))).toEqual([]);
  });

  it.each(projects)('$name says what kind it is, and a library its layer', (project) => {
    expect(Object.keys(mayUse)).toContain(project.kind);
    expect(project.scope).not.toBe('');
    if (project.kind === 'lib') expect(layers).toContain(project.layer);
  });

  it.each(projects)('$name imports only what its tags and its package.json allow', (project) => {
    const broken = importsOf(project).flatMap((found) => {
      const problem = wrongWith(project, found);
      return problem ? [`${found.file} -> ${found.specifier}: ${problem}`] : [];
    });
    expect(broken).toEqual([]);
  });

  it('have no circle of files', () => {
    expect(circlesIn(fileImports).map((circle) => circle.join(' -> '))).toEqual([]);
  });

  it.each(projects.filter(({ kind }) => kind === 'service'))(
    '$name has no circle of folders',
    (service) => {
      expect(circlesOfFolders(service)).toEqual([]);
    },
  );

  it.each(projects)(
    '$name names at once what it requires, or the bundle has it twice',
    (project) => {
      const nameless = /createRequire\(import\.meta\.url\)(?!\('|\.resolve\()/;
      const files = filesBelow(project.dir, '.ts').filter((file) => !isTest(project, file));
      expect(files.filter((file) => nameless.test(withoutComments(file)))).toEqual([]);
    },
  );

  it.each(projects)('$name declares only what it imports', (project) => {
    expect(wronglyDeclared(project)).toEqual([]);
  });

  it.each(projects)('$name references in tsconfig.json what it depends on', (project) => {
    const { references = [] } = JSON.parse(
      readFileSync(join(root, project.dir, 'tsconfig.json'), 'utf8'),
    ) as { references?: { path: string }[] };
    const referenced = references.map(({ path }) =>
      relative(root, resolve(root, project.dir, path)),
    );
    const dependedOn = [...project.dependencies, ...project.devDependencies].flatMap((name) =>
      projects.filter((target) => target.name === name).map(({ dir }) => dir),
    );
    expect(referenced.sort()).toEqual(dependedOn.sort());
  });
});
