import { existsSync, readdirSync, readFileSync } from 'node:fs';
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
/** The marks of Markdown that a reader would see: code may contain them. */
const marksIn = (html: string): string[] =>
  html
    .replace(/<code>.*?<\/code>/g, '')
    .replace(/<[^>]+>/g, '')
    .match(/[`*|]|^#|\]\(/gm) ?? [];

describe('a runbook as a page', () => {
  it('has its title, and headings, steps, code, tables and links', () => {
    const { title, html } = runbookPage(
      '# Too slow\n\nIt is `a < b`.\n\n## What to do\n\n1. See [error-rate](error-rate.md).\n2. Deploy\n   [again](../deploy.md), or [ask](https://example.com/).\n\n| a | b |\n| - | - |\n| 1 | 2 |\n',
    );
    expect(title).toBe('Too slow');
    expect(html).toMatch(/^<h1>Too slow<\/h1>\n<p>It is <code>a &lt; b<\/code>\.<\/p>\n<h2>/);
    expect(html).toContain('<li>See <a href="/docs/runbooks/error-rate">error-rate</a>.</li>');
    expect(html).toContain('again (<code>docs/deploy.md</code>)');
    expect(html).toContain('<a href="https://example.com/">ask</a>');
    expect(html).toContain('<td>2</td>');
  });

  it.each(names)('shows %s as it is meant: no marks, no tags of its own, no dead links', (name) => {
    const { html } = runbookPage(readFileSync(join(folder, `${name}.md`), 'utf8'));
    expect(html).toMatch(/^<h1>.+<\/h1>\n<p>Alert <code>/);
    expect(marksIn(html)).toEqual([]);
    const tags = [...html.matchAll(/<([^\s/>]+)/g)].map(([, tag]) => tag);
    expect(['h1', 'h2', 'p', 'ol', 'ul', 'li', 'code', 'a']).toEqual(expect.arrayContaining(tags));
    const links = [...html.matchAll(/href="\/docs\/runbooks\/([^"]+)"/g)].map(([, to]) => to);
    expect(names).toEqual(expect.arrayContaining(links));
    const files = [...html.matchAll(/\(<code>(docs\/[^<]+)<\/code>\)/g)].map(([, file]) => file);
    expect(files.filter((file = '') => !existsSync(join(root, file)))).toEqual([]);
  });

  it('is in the list of all', () => {
    const list = runbookList([{ name: 'too-slow', title: 'Too slow' }]);
    expect(list).toMatch(/^<h1>Runbooks<\/h1>/);
    expect(list).toContain(
      '<li><a href="/docs/runbooks/too-slow">Too slow</a> <code>too-slow</code></li>',
    );
  });
});
