import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

interface Installed {
  readonly has: 'all' | 'running' | 'nothing';
  readonly development: boolean;
}
const { installedIn, beginInstallation } = (await import(join(root, 'tools', 'packages.mjs'))) as {
  installedIn(folder: string): Installed;
  beginInstallation(folder: string): void;
};

const lock = {
  '': { name: 'waybill' },
  'libs/messaging': { version: '0.1.0' },
  'node_modules/@waybill/messaging': { link: true },
  'node_modules/pg': { version: '8.23.1' },
  'node_modules/darwin-x64': { version: '1.0.0', optional: true },
  'node_modules/jest': { version: '30.5.2', dev: true },
  'node_modules/watcher': { version: '2.0.0', dev: true, optional: true },
};
const link = { 'node_modules/@waybill/messaging': { link: true } };
const pg = { 'node_modules/pg': { version: '8.23.1' } };
const jest = { 'node_modules/jest': { version: '30.5.2', dev: true } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-packages-'));
  write('package-lock.json', JSON.stringify({ packages: lock }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const copy = 'node_modules/.package-lock.json';
const installed = (packages: object): void => write(copy, JSON.stringify({ packages }));

describe('what is installed', () => {
  it('is nothing in a fresh clone', () => {
    expect(installedIn(folder)).toEqual({ has: 'nothing', development: false });
  });

  it('is what running needs, without the packages of development and of other platforms', () => {
    installed({ ...link, ...pg });
    expect(installedIn(folder)).toEqual({ has: 'running', development: false });
  });

  it('is all, when those of development are there too', () => {
    installed({ ...link, ...pg, ...jest });
    expect(installedIn(folder)).toEqual({ has: 'all', development: true });
  });

  it.each([
    ['one that running needs is missing', link, false],
    ['one of another version', { ...link, 'node_modules/pg': { version: '8.0.0' } }, false],
    [
      'one of development of another version',
      { ...link, ...pg, 'node_modules/jest': { version: '29.0.0', dev: true } },
      true,
    ],
    ['a package of our own that is not linked', { ...pg, ...jest }, true],
  ])('is nothing of use with %s', (_, packages, development) => {
    installed(packages);
    expect(installedIn(folder)).toEqual({ has: 'nothing', development });
  });

  it.each(['', '{', '{"lockfileVersion":3}', 'null'])(
    'is nothing after an installation that left of its note %j',
    (text) => {
      write(copy, text);
      expect(installedIn(folder).has).toBe('nothing');
    },
  );

  it('is nothing while an installation runs, and after one that was interrupted', () => {
    installed({ ...link, ...pg, ...jest });
    beginInstallation(folder);
    expect(installedIn(folder).has).toBe('nothing');
    beginInstallation(folder);
  });

  it('cannot be said with a lock file that is damaged', () => {
    write('package-lock.json', '{');
    expect(() => installedIn(folder)).toThrow(/package-lock\.json is damaged: restore it/);
  });
});
