/** Builds the pages of `web/` into `dist/web`, and compresses their files once, instead of at each request. It checks no types. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { runbookList, runbookPage } from './runbook-page.mjs';
import { root } from './suites.mjs';

const built = join(root, 'dist', 'web');
await build({ configFile: join(root, 'web', 'vite.config.js'), logLevel: 'warn' });

// The gateway serves these paths.
const pages = JSON.parse(readFileSync(join(root, 'web', 'pages.json'), 'utf8'));
writeFileSync(join(built, 'pages.json'), JSON.stringify({ ...pages, ...makeRunbooks() }, null, 2));

const assets = join(built, 'assets');
for (const name of readdirSync(assets)) {
  const path = join(assets, name);
  const contents = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(contents));
}

/** Makes a page of each runbook, and one that lists them; returns the file of each path. */
function makeRunbooks() {
  const template = join(built, 'runbooks', 'runbook.html');
  const frame = readFileSync(template, 'utf8');
  rmSync(template);
  const files = {};
  const make = (path, file, title, html) => {
    const page = frame
      .replace('<title>Runbook', () => `<title>${title}`)
      .replace(/(<main[^>]*>)Runbook/, (_, main) => `${main}\n${html}\n`);
    writeFileSync(join(built, 'runbooks', file), page);
    files[path] = `runbooks/${file}`;
  };
  const folder = join(root, 'docs', 'runbooks');
  const runbooks = readdirSync(folder).map((file) => ({
    name: basename(file, '.md'),
    ...runbookPage(readFileSync(join(folder, file), 'utf8')),
  }));
  for (const { name, title, html } of runbooks)
    make(`/docs/runbooks/${name}`, `${name}.html`, title, html);
  make('/docs/runbooks', 'index.html', 'Runbooks', runbookList(runbooks));
  return files;
}
