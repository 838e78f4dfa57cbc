import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, expect, it } from '@jest/globals';
import { root } from './repository.ts';

/** Nx's cache and workspace data, empty as in a fresh clone. */
const folder = mkdtempSync(join(tmpdir(), 'waybill-affected-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = {
  ...process.env,
  NX_DAEMON: 'false',
  NX_CACHE_DIRECTORY: join(folder, 'cache'),
  NX_WORKSPACE_DATA_DIRECTORY: join(folder, 'data'),
};

/** The projects that `nx affected` reports for a change of `file`. */
function affectedBy(file: string): string[] {
  const nx = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
  const words = ['show', 'projects', '--affected', `--files=${file}`, '--json'];
  return JSON.parse(
    execFileSync(process.execPath, [nx, ...words], { cwd: root, env, encoding: 'utf8' }),
  );
}

it('a change of a library affects it and what depends on it, and nothing else', () => {
  const affected = affectedBy('libs/saga/src/react.ts');
  for (const name of ['saga', 'order', 'all-in-one', 'e2e', 'tools']) {
    expect(affected).toContain(`@waybill/${name}`);
  }
  for (const name of ['contracts', 'messaging', 'persistence', 'client', 'http']) {
    expect(affected).not.toContain(`@waybill/${name}`);
  }
}, 120_000);

it('a change of a service affects what runs and tests it', () => {
  const affected = affectedBy('services/analytics/src/domain/summary.ts');
  expect(affected).toContain('@waybill/all-in-one');
  expect(affected.filter((name) => /saga|order|payment/.test(name))).toEqual([]);
}, 120_000);
