import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const here = dirname(fileURLToPath(import.meta.url));

/** Everything that portable tests may import besides files of this package; nothing that reaches inside a system. */
const allowed: ReadonlySet<string> = new Set([
  'node:crypto',
  'node:http',
  'node:process',
  'node:zlib',
  '@jest/globals',
  '@seriousme/openapi-schema-validator',
  '@waybill/client',
  '@waybill/testing',
  '@waybill/webhooks',
  'ajv-formats',
  'ajv/dist/2020.js',
  'ws',
]);

/** The runtime imports of a file, without type-only ones. */
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(/^import (?!type )[^;]*?from\s'([^']+)';/gms)].map(
    ([, from = '']) => from,
  );

it('portable tests import nothing that reaches into a system', () => {
  const files = readdirSync(here).filter((name) => !name.endsWith('.spec.ts'));
  const open = files.map((name) => join(here, name));
  const seen = new Set(open);
  const foreign: string[] = [];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const from of importsOf(file)) {
      const path = from.startsWith('.') ? resolve(dirname(file), from) : undefined;
      if (path && !seen.has(path)) {
        seen.add(path);
        open.push(path);
      }
      if (!path && !allowed.has(from)) foreign.push(`${relative(here, file)}: ${from}`);
    }
  }
  expect(foreign).toEqual([]);
  expect(seen.size).toBeGreaterThan(files.length);
});
