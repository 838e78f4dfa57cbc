/** Makes the pages of `docs/runbooks`, which are written in the part of Markdown that this file knows. */

/** The title of a runbook, and its content as HTML. Links to other pages of the repository become their paths. */
export function runbookPage(markdown) {
  const blocks = markdown.trim().split(/\n{2,}/);
  const title = blocks[0].replace(/^# /, '');
  return { title, html: blocks.map(block).join('\n') };
}

/** The list of all runbooks, of which each has the name of its file and a title. */
export function runbookList(runbooks) {
  const lines = runbooks.map(
    ({ name, title }) =>
      `<li><a href="/docs/runbooks/${name}">${inline(title)}</a> <code>${name}</code></li>`,
  );
  return [
    '<h1>Runbooks</h1>',
    '<p>What to do when an alert comes. Each has the name of its alert.</p>',
    `<ul>\n${lines.join('\n')}\n</ul>`,
  ].join('\n');
}

function block(text) {
  const [, marks, heading] = /^(#{1,2}) (.+)$/.exec(text) ?? [];
  if (marks) return `<h${marks.length}>${inline(heading)}</h${marks.length}>`;
  if (!text.startsWith('1. ')) return `<p>${inline(text)}</p>`;
  const items = text.split(/\n(?=\d+\. )/).map((item) => item.replace(/^\d+\. /, ''));
  return `<ol>\n${items.map((item) => `<li>${inline(item)}</li>`).join('\n')}\n</ol>`;
}

function inline(text) {
  return text
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, words, target) => link(words, target));
}

function link(words, target) {
  const other = /^([a-z-]+)\.md$/.exec(target);
  if (other) return `<a href="/docs/runbooks/${other[1]}">${words}</a>`;
  if (/^https:/.test(target)) return `<a href="${target}">${words}</a>`;
  return `${words} (<code>docs/${target.replace('../', '')}</code>)`;
}
