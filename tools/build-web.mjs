/** Builds the pages of `web/` into `dist/web`, and compresses their files once, instead of at each request. It checks no types. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { root } from './suites.mjs';

await build({ configFile: join(root, 'web', 'vite.config.js'), logLevel: 'warn' });

// The gateway serves these paths.
copyFileSync(join(root, 'web', 'pages.json'), join(root, 'dist', 'web', 'pages.json'));
const assets = join(root, 'dist', 'web', 'assets');
for (const name of readdirSync(assets)) {
  const path = join(assets, name);
  const contents = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(contents));
}
