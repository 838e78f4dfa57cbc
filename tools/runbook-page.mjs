/** Makes the pages of `docs/runbooks`. */
import { Marked } from 'marked';

const markdown = new Marked({ renderer: { link } });

/** The title of a runbook, and its content as HTML. Links to other pages of the repository become their paths. */
export function runbookPage(text) {
  const [heading] = markdown.lexer(text);
  return { title: heading.text, html: markdown.parse(text).trim() };
}

/** The list of all runbooks, of which each has the name of its file and a title. */
export function runbookList(runbooks) {
  const lines = runbooks.map(({ name, title }) => `- [${title}](${name}.md) \`${name}\``);
  return runbookPage(
    [
      '# Runbooks',
      'What to do when an alert comes. Each has the name of its alert.',
      lines.join('\n'),
    ].join('\n\n'),
  ).html;
}

function link({ href, tokens }) {
  const words = this.parser.parseInline(tokens);
  const [, runbook] = /^([a-z-]+)\.md$/.exec(href) ?? [];
  if (runbook) return `<a href="/docs/runbooks/${runbook}">${words}</a>`;
  // The renderer of the library writes it.
  if (href.startsWith('https:')) return false;
  return `${words} (<code>docs/${href.replace('../', '')}</code>)`;
}
