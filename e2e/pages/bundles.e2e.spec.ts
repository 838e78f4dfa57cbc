import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const built = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const assets = readdirSync(`${built}assets`).filter((name) => !/\.(gz|br)$/.test(name));

/** What a page may load, at once or later, by the names of other files in its text. */
function filesOf(text: string, known = new Set<string>()): ReadonlySet<string> {
  for (const name of assets) {
    if (known.has(name) || !text.includes(name)) continue;
    known.add(name);
    filesOf(readFileSync(`${built}assets/${name}`, 'utf8'), known);
  }
  return known;
}

const compressed = (name: string): number => statSync(`${built}assets/${name}.gz`).size;

it.each(['shop', 'live', 'events', 'console'])(
  'everything that the pages of %s load is less than 150 kB gzipped',
  (name) => {
    const pages = readdirSync(`${built}${name}`).map((file) =>
      readFileSync(`${built}${name}/${file}`, 'utf8'),
    );
    const files = [...filesOf(pages.join('\n'))];
    expect(files).toContainEqual(expect.stringMatching(/\.js$/));
    expect(files).toContainEqual(expect.stringMatching(/\.css$/));
    expect(files.reduce((sum, file) => sum + compressed(file), 0)).toBeLessThan(150_000);
  },
);
