import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { ruleNames, runbookOf } from '@waybill/notification';
import { root } from './repository.ts';

it.each(ruleNames)('the alert %s has a runbook that names it', (rule) => {
  const page = join(root, runbookOf(rule));
  expect([page, existsSync(page)]).toEqual([page, true]);
  expect(readFileSync(page, 'utf8')).toContain(`Alert \`${rule}\`.`);
});

it('no runbook is left of an alert that is gone', () => {
  const pages = readdirSync(join(root, 'docs/runbooks')).map((page) => page.replace('.md', ''));
  expect(pages.sort()).toEqual([...ruleNames].sort());
});
