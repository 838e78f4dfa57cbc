import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

interface Configuration {
  readonly overrides: readonly { readonly includes: readonly string[] }[];
}

const { overrides, ...configuration } = JSON.parse(
  readFileSync(join(root, 'biome.jsonc'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, ''),
) as Configuration & Record<string, unknown>;

/** Files that may exceed the limits: the overrides that name files, not patterns. */
const exceptions = overrides
  .flatMap(({ includes }) => includes)
  .filter((path) => !path.includes('*'));

const folder = mkdtempSync(join(tmpdir(), 'waybill-limits-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const limits = [
  'complexity/noExcessiveLinesPerFunction',
  'complexity/noExcessiveCognitiveComplexity',
  'style/noExcessiveLinesPerFile',
];

/** Biome's findings without any exception. */
function excessesIn(files: readonly string[]): string {
  const { vcs: _, files: __, ...plain } = configuration;
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(plain));
  const options = ['--reporter=github', '--max-diagnostics=none', `--config-path=${folder}`];
  const only = limits.map((rule) => `--only=${rule}`);
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const { stdout } = spawnSync(process.execPath, [biome, 'lint', ...options, ...only, ...files], {
    cwd: root,
    encoding: 'utf8',
  });
  return stdout;
}

describe('the exceptions from the limits on files and functions', () => {
  it('are all needed: what keeps the limits leaves the list in biome.jsonc', () => {
    expect(exceptions.filter((file) => !existsSync(join(root, file)))).toEqual([]);
    const found = excessesIn(exceptions);
    expect(exceptions.filter((file) => !found.includes(`${file},`))).toEqual([]);
  });

  it('do not hide a file that keeps the limits', () => {
    expect(excessesIn(['tools/repository.ts'])).not.toContain('noExcessive');
  });
});
