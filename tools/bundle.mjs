/**
 * One file for each program, in `dist`, with what programs share in files beside it: a process then reads a dozen files
 * instead of two thousand, which is most of what starting it cost (ADR 11). Plain compiled files go in, nothing is minified.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { root } from './suites.mjs';

const out = join(root, 'dist');
const day = 86_400_000;

/** The services and the gateway, all of them in one process, the outside world, and what runs them as processes. */
const folders = ['services', 'sandboxes']
  .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(root, kind, name)))
  .filter((folder) => existsSync(join(folder, 'src', 'main.ts')));
const programs = [...folders, join(root, 'processes')].map((folder) => ({
  in: join(folder, 'dist', 'main.js'),
  out: basename(folder),
}));

/**
 * What stays where it is: packages that read files of their own, clients whose inner modules an adapter reaches, and what
 * must have run before anything else (shared files run before the program that imports them).
 */
const external = [
  'reflect-metadata',
  'kafkajs',
  '@platformatic/kafka',
  'ioredis',
  'pino',
  '@grpc/*',
  'grpc-health-check',
  'pdfkit',
];

/** Packages look for others that they can do without; those that are not installed stay as they are written. */
const absentPackages = {
  name: 'absent packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[@a-z]/ }, async ({ path, pluginData, ...from }) => {
      if (pluginData === 'asked' || !from.importer.includes('node_modules')) return;
      const found = await resolve(path, { ...from, pluginData: 'asked' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/** A module of ours finds the files beside it where they are, although it now stands in another file. */
const ownFolders = {
  name: 'own folders',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist[\\/].*\.js$/ }, ({ path }) => {
      if (path.includes('node_modules')) return;
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta.url')) return;
      const place = JSON.stringify(relative(out, path).replaceAll('\\', '/'));
      return {
        contents: source.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`),
        resolveDir: dirname(path),
      };
    });
  },
};

const { metafile } = await build({
  entryPoints: programs,
  absWorkingDir: root,
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: 'error',
  external,
  plugins: [absentPackages, ownFolders],
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
});

const written = new Set(Object.keys(metafile.outputs).map((path) => join(root, path)));
for (const file of readdirSync(out).map((name) => join(out, name))) {
  // A system that runs loads some files late, and may have been started from an older build.
  if (!written.has(file)) {
    if (statSync(file).mtimeMs < Date.now() - day) rmSync(file);
  } else if (file.endsWith('.js') && readFileSync(file, 'utf8').includes('__dirname')) {
    console.error(
      `${file} has a package that reads files of its own; name it in ${import.meta.url}`,
    );
    process.exitCode = 1;
  }
}
