import { Problem } from './problem.ts';

/** Refuses a URL whose escapes are not UTF-8 or contain U+0000, before it is matched against any route. */
export function checkUrl(url: string): void {
  if (!url.includes('%')) return;
  let decoded: string;
  try {
    decoded = decodeURIComponent(url);
  } catch {
    throw new Problem(400, 'malformed_url', 'the URL has escapes that are not UTF-8');
  }
  if (decoded.includes('\u0000')) {
    throw new Problem(400, 'malformed_url', 'the URL holds U+0000');
  }
}
