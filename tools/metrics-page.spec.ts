import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { filesBelow, root } from './repository.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Metrics are made where something is named next to its help. */
const metricsIn = (text: string): string[] =>
  [...text.matchAll(/'(waybill_[a-z_]+)',\s+(?:help:|')/g)].map(([, name = '']) => name);

it('docs/metrics.md names every metric of the code once, and no other', () => {
  const sources = ['libs', 'services']
    .flatMap((folder) => filesBelow(folder, '.ts'))
    .filter((file) => !/\.spec\.ts$|\/(dist|testing)\//.test(file));
  const made = sources.flatMap((file) => metricsIn(read(file)));
  const told = [...read('docs/metrics.md').matchAll(/^\| `(waybill_[a-z_]+)`/gm)].map(
    ([, name]) => name,
  );
  expect(made.length).toBeGreaterThan(30);
  expect(told.sort()).toEqual(made.sort());
});
