import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './repository.ts';

const program: string = './runbook-page.mjs';
const { runbookList, runbookPage } = (await import(program)) as {
  runbookPage(markdown: string): { readonly title: string; readonly html: string };
  runbookList(runbooks: readonly { readonly name: string; readonly title: string }[]): string;
};

const folder = join(root, 'docs/runbooks');
const names = readdirSync(folder).map((file) => file.replace('.md', ''));
const textOf = (html: string): string =>
  html.replace(/<code>.*?<\/code>/g, '').replace(/<[^>]+>/g, '');

describe('a runbook as a page', () => {
  it('has headings, steps over several lines, code and links', () => {
    const { title, html } = runbookPage(
      '# Too slow\n\nIt is `a < b`.\n\n## What to do\n\n1. See [error-rate](error-rate.md).\n2. Deploy\n   [again](../deploy.md).\n',
    );
    expect(title).toBe('Too slow');
    expect(html.split('\n')).toEqual([
      '<h1>Too slow</h1>',
      '<p>It is <code>a &lt; b</code>.</p>',
      '<h2>What to do</h2>',
      '<ol>',
      '<li>See <a href="/docs/runbooks/error-rate">error-rate</a>.</li>',
      '<li>Deploy again (<code>docs/deploy.md</code>).</li>',
      '</ol>',
    ]);
  });

  it.each(names)('leaves nothing of the Markdown of %s as it is', (name) => {
    const { html } = runbookPage(readFileSync(join(folder, `${name}.md`), 'utf8'));
    expect(html).toMatch(/^<h1>.+<\/h1>\n<p>Alert <code>/);
    expect(textOf(html)).not.toMatch(/[`#*|]|\]\(|^\s*(-|\d+\.) /m);
    const links = [...html.matchAll(/href="\/docs\/runbooks\/([^"]+)"/g)].map(([, to]) => to);
    expect(names).toEqual(expect.arrayContaining(links));
  });

  it('is in the list of all', () => {
    expect(runbookList([{ name: 'too-slow', title: 'Too slow' }])).toContain(
      '<li><a href="/docs/runbooks/too-slow">Too slow</a> <code>too-slow</code></li>',
    );
  });
});
