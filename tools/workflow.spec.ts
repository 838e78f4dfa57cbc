import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { root } from './repository.ts';

interface Workflow {
  readonly jobs: Record<string, { readonly steps: readonly { readonly run?: string }[] }>;
}

it('the workflow for forks runs only scripts that are there', () => {
  const text = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Record<string, string>;
  };
  const commands = Object.values((parse(text) as Workflow).jobs).flatMap(({ steps }) =>
    steps.flatMap(({ run }) => (run ? [run] : [])),
  );
  const scripts = commands.flatMap(
    (command) => command.match(/npm run (?:--silent )?(\S+)/)?.[1] ?? [],
  );
  expect(scripts).toEqual(['verify', 'sbom']);
  expect(scripts.filter((name) => !(name in manifest.scripts))).toEqual([]);
  expect(commands.filter((command) => command.startsWith('npm test'))).toHaveLength(2);
});
