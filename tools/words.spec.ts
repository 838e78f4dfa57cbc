import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { filesBelow, root } from './repository.ts';

/** What documents do not say, and the term of the field: see `docs/glossary.md`. */
const refused: readonly (readonly [RegExp, string])[] = [
  [/\bhears?\b|\bheard\b/i, 'subscribes to, receives'],
  [/\bsays\b|\btells\b|\btold\b/i, 'publishes, reports, returns, or the plain verb'],
  [/\bblames?d?\b/i, 'is the cause of'],
  [/\bnobody\b/i, 'no service, no consumer, …'],
  [/\bin hand\b/i, 'in progress, unacked'],
  [/\bthe one that\b/i, 'the noun itself'],
  [/\bbehind (its|the|their) \w*('s)? ?back\b/i, 'outside'],
  [/\bwhat became of\b/i, 'the outcome of'],
  [/\bshards?\b/i, 'partition'],
  [/\blanes?\b/i, 'outbox partition'],
  [/\bsinks?\b/i, 'batch consumer'],
  [/\bpark(s|ed|ing)?\b/i, 'defer'],
  [/\b(bury|buries|buried|sunken)\b/i, 'dead-letter'],
  [/\bjournals?\b/i, 'append-only table'],
  [/\b(un)?seal(s|ed|ing)?\b/i, 'wrap in an envelope'],
  [/\btwins?\b/i, 'duplicate'],
  [/\bin doubt\b/i, 'unknown commit outcome'],
];

/** Generated from contracts, or a history that is not rewritten. */
const notOurs = new Set(['CHANGELOG.md', 'docs/messages.md']);

/** Without code, which has names of its own, and without the targets of links. */
const proseOf = (page: string): string =>
  page
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .replaceAll(/`[^`]*`/g, '')
    .replaceAll(/\]\([^)]*\)/g, ']');

const wrongIn = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((line) =>
      refused
        .filter(([words]) => words.test(line))
        .map(([words, term]) => `"${line.match(words)?.[0]}": ${term} (${line.trim()})`),
    );

describe('the words of the documents', () => {
  const pages = filesBelow('.', '.md').filter((file) => !notOurs.has(file));

  it.each(pages)('%s uses the terms of the field', (file) => {
    expect(wrongIn(proseOf(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it('are found in prose, not in code', () => {
    expect(
      wrongIn(proseOf('A group hears it, `shard` by\n```ts\nconst lane = 1;\n```\na shard')),
    ).toEqual([
      '"hears": subscribes to, receives (A group hears it,  by)',
      '"shard": partition (a shard)',
    ]);
  });
});
