import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { filesBelow, root } from './repository.ts';

/** Settings that no test names, with the reason. */
const seenElsewhere: Readonly<Record<string, string>> = {
  KAFKA_SASL_MECHANISM:
    'the servers of the stack have SCRAM, so every test against Kafka with users has it set',
};

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const settings = [...read('docs/settings.md').matchAll(/^\| `([A-Z][A-Z0-9_]*)` \|/gm)].map(
  ([, name = '']) => name,
);
const tests = ['libs', 'services', 'sandboxes', 'e2e', 'tools', 'bench']
  .flatMap((folder) => filesBelow(folder, '.ts'))
  .filter((file) => /\.(spec|tests)\.ts$|\/testing\//.test(file) && !file.includes('/dist/'))
  .filter((file) => !file.endsWith('named-settings.spec.ts'))
  .map(read)
  .join('\n');
const words = new Set(tests.match(/\b[A-Z][A-Z0-9_]+\b/g));

it('every setting is named in a test, so that one which changes nothing is found', () => {
  const unnamed = [...new Set(settings)].filter((name) => !words.has(name));
  expect(settings.length).toBeGreaterThan(150);
  expect(unnamed.sort()).toEqual(Object.keys(seenElsewhere).sort());
});
