import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Problem, problemType } from './problem.ts';

/** What a problem is sent as. */
export interface ProblemAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif;
color:light-dark(#1b2326,#e8ecea);background:light-dark(#f4f5f3,#14181a)}
main{max-width:34rem;margin:15vh auto 0;padding:1rem}
a{color:light-dark(#1f5f5b,#6fc7be);margin-inline-end:1.5rem}
small{color:light-dark(#5a676b,#a3b0b3);overflow-wrap:anywhere}`;

/** No file of the origin is needed, because none may be served when there is a problem. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const titles: Readonly<Record<number, string>> = {
  404: 'There is no such page',
  405: 'There is nothing to see here',
  429: 'Too many requests',
  503: 'Back in a moment',
};

/** A page for a person who has opened an address in a browser, JSON for every program and for all of `/api`. */
export function answerOf(
  problem: Problem,
  request: IncomingMessage | undefined,
  correlationId?: string,
): ProblemAnswer {
  if (!request || !isOpenedByPerson(request)) {
    return {
      headers: { 'content-type': problemType },
      body: JSON.stringify(problem.body(correlationId)),
    };
  }
  return {
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
    body: pageOf(problem, correlationId),
  };
}

const isOpenedByPerson = ({ method, url = '/', headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  !/^\/api(\/|$)/.test(url) &&
  /(^|[\s,])text\/html\b/i.test(headers.accept ?? '');

function pageOf(problem: Problem, correlationId: string | undefined): string {
  const { status } = problem;
  const title = titles[status] ?? 'That did not work';
  const again = status >= 429 ? '<a href="">Try again</a>' : '';
  // Where it is looked for in the log.
  const reference =
    status >= 500 && correlationId ? `<p><small>Reference ${correlationId}</small></p>` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${sentence(problem.detail)} <small>(${status})</small></p>
<p>${again}<a href="/">To the start page</a></p>
${reference}
</main>
</body>
</html>
`;
}

function sentence(text: string): string {
  const safe = text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);
  return `${safe.charAt(0).toUpperCase()}${safe.slice(1)}${/[.!?]$/.test(safe) ? '' : '.'}`;
}
