import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

/** The output of a Node.js that pretends to be `version`. */
function started(version: string): { status: number | null; stdout: string; stderr: string } {
  const pretence = `Object.defineProperties(process, {
    version: { value: 'v${version}' },
    versions: { value: { ...process.versions, node: '${version}' } },
  });
  require('./tools/node-version.cjs');
  console.log('runs');`;
  return spawnSync(process.execPath, ['-e', pretence], { cwd: root, encoding: 'utf8' });
}

describe('the version of Node.js', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.18.0', '100.0.0'])('may be %s', (version) => {
    expect(started(version)).toMatchObject({ status: 0, stdout: 'runs\n', stderr: '' });
  });

  it.each(['20.18.3', '18.20.8', '12.22.12', '0.10.48'])('is too old with %s', (version) => {
    const published = `Waybill needs Node.js 20.19 or newer; this is v${version}.\n`;
    expect(started(version)).toMatchObject({ status: 1, stdout: '', stderr: published });
  });

  it('is looked at before anything else by every script', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    // Building looks at it too.
    const first = /^(node .*-r \.\/tools\/node-version\.cjs |npm run build )/;
    expect(Object.values(scripts).filter((script) => !first.test(script))).toEqual([]);
  });
});
