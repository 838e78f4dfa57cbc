/**
 * Writes the files that are derived from the code; with `--check` it writes nothing and fails when one is stale.
 * Nothing is generated yet.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './repository.ts';

/** Path from the root → content. */
const generated: Record<string, () => string> = {};

const check = process.argv.includes('--check');
for (const [path, content] of Object.entries(generated)) {
  const file = join(root, path);
  const wanted = content();
  if (existsSync(file) && readFileSync(file, 'utf8') === wanted) continue;
  if (check) {
    console.error(`${path} is stale: run "npm run generate".`);
    process.exitCode = 1;
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, wanted);
  console.log(`wrote ${path}`);
}
