/**
 * All programs in one file in `dist`, and a small one for each that runs its part: a process then reads two files instead
 * of two thousand, which is most of what starting it cost (ADR 11 and 12). It reads the sources and checks no types; nothing is
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

/** The services and the gateway, all of them in one process, and the outside world. */
const folders = ['services', 'sandboxes']
  .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(kind, name)))
  .filter((folder) => existsSync(join(root, folder, 'src', 'main.ts')));
/** The main module of each program by its name; beside those what runs them as processes, and the jobs around a release. */
const programs = {
  ...Object.fromEntries(folders.map((folder) => [basename(folder), `${folder}/src/main.ts`])),
  processes: 'tools/processes/src/main.ts',
  prepare: 'tools/processes/src/prepare-main.ts',
  'verify-invariants': 'e2e/invariants/verify-main.ts',
};

/** Nothing of a program is run, nor of what it needs, before it is asked for. */
const entry = Object.entries(programs)
  .map(([name, main]) => `export const ${exported(name)} = () => import('./${main}');`)
  .join('\n');

/** What few processes ever load stays where it is. */
const external = ['pdfkit', 'fontkit', 'bwip-js', '@aws-sdk/client-s3'];

/** Packages look for others that they can do without; those that are not installed stay as they are written. */
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
 * A module finds the files beside it where they are, although it now stands in another file; and what it requires by a
 * `require` that it makes itself goes in too, or there would be two of it.
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
/** esbuild has no types of parameters for its decorators, by which Nest injects. */
function compiled(path) {
  const options = { ...swc, filename: path, sourceMaps: 'inline' };
  return transformSync(readFileSync(path, 'utf8'), options).code;
}

const placeOf = `const placeOf = (place) => {
  const path = require('node:path').join(__dirname, place);
  return { path, folder: require('node:path').dirname(path), href: require('node:url').pathToFileURL(path).href };
};`;

// esbuild collects garbage for a quarter of its time otherwise.
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
  // A script of `vm` has no loader of its own; what is required late is still loaded late.
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
  // V8 holds text beyond ASCII in twice the memory, and esbuild leaves it in comments, tagged templates and patterns.
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
// A system may be starting from the build before this one.
for (const folder of [out, join(out, 'compiled')].filter((each) => existsSync(each))) {
  for (const path of readdirSync(folder).map((name) => join(folder, name))) {
    const isOld = statSync(path).isFile() && statSync(path).mtimeMs < Date.now() - day;
    if (isOld && !written.has(basename(path))) rmSync(path, { force: true });
  }
}

/** Whether the package of a module is at the root, where it is found without asking. */
function isInstalled(path) {
  const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
  return existsSync(join(root, 'node_modules', name));
}

/** A module of ours that has not been built, and imports only what Node has. */
async function sourceOf(file) {
  const { code } = await transform(readFileSync(join(root, file), 'utf8'), { loader: 'ts' });
  return import(`data:text/javascript,${encodeURIComponent(code)}`);
}

/** Whoever reads the file meanwhile has the old one or the new one, and so has everybody after a power cut. */
function put(path, contents) {
  writeWholeSync(path, contents);
  written.add(basename(path));
}

/** The same character, as text and patterns may write it too. */
function escaped(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The name of a program as JavaScript has it. */
function exported(name) {
  return name.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
