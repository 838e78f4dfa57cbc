import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
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

/** Without code, which has names of its own, without the targets of links, and without links that are named like the test they lead to. */
const proseOf = (page: string): string =>
  page
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, '')
    .replaceAll(/`[^`]*`/g, '')
    .replaceAll(/\[[^\]]*\]\([^)]*\.(spec|tests)\.ts\)/g, '')
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

/** Words that no identifier contains, and the term of the field. */
const refusedInNames: ReadonlyMap<string, string> = new Map([
  ...['shard', 'shards'].map((word) => [word, 'partition'] as const),
  ...['lane', 'lanes'].map((word) => [word, 'outbox partition'] as const),
  ...['sink', 'sinks'].map((word) => [word, 'batch consumer'] as const),
  ...['park', 'parked', 'parking', 'unpark'].map((word) => [word, 'defer'] as const),
  ...['bury', 'buries', 'buried', 'sunken'].map((word) => [word, 'dead-letter'] as const),
  ...['hear', 'hears', 'heard'].map((word) => [word, 'subscribe, receive'] as const),
  ...['ask', 'asks', 'asking'].map((word) => [word, 'call, request'] as const),
  ...['journal', 'journals'].map((word) => [word, 'append-only table'] as const),
  ...['seal', 'sealed', 'sealing'].map((word) => [word, 'wrap'] as const),
  ...['twin', 'twins'].map((word) => [word, 'duplicate'] as const),
  ['said', 'published, reported'],
  ...['doubt', 'doubts'].map((word) => [word, 'unknown commit outcome'] as const),
]);

/** Columns and fields that others read by these names: tables, the HTTP API, and what members of a group exchange. */
const fixedNames: ReadonlySet<string> = new Set(['shard', 'shards', 'lane', 'lanes', 'parked']);

/** Whether an identifier is the name of a property, or the local variable of the same name that a shorthand needs. */
const isField = ({ parent }: ts.Identifier): boolean =>
  ts.isPropertySignature(parent) ||
  ts.isPropertyAssignment(parent) ||
  ts.isPropertyAccessExpression(parent) ||
  ts.isShorthandPropertyAssignment(parent) ||
  ts.isBindingElement(parent);

function wrongNamesIn(file: string, text: string): string[] {
  const found = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && !(fixedNames.has(node.text) && isField(node))) {
      for (const word of node.text.split(/(?<=[a-z0-9])(?=[A-Z])|[_$\d]+/)) {
        const term = refusedInNames.get(word.toLowerCase());
        if (term) found.add(`${node.text}: ${term}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return [...found];
}

describe('the identifiers', () => {
  const sources = ['libs', 'services', 'sandboxes', 'tools', 'e2e', 'bench', 'examples']
    .flatMap((folder) => filesBelow(folder, '.ts'))
    .filter((file) => !file.includes('/generated/'));

  it('use the terms of the field', () => {
    const wrong = sources.flatMap((file) =>
      wrongNamesIn(file, readFileSync(join(root, file), 'utf8')).map((name) => `${file}: ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('are read by their words', () => {
    const text = 'const shardOf = 1; class KeyLane { parked = 1 } const { lane } = row; // sink';
    expect(wrongNamesIn('a.ts', text)).toEqual([
      'shardOf: partition',
      'KeyLane: outbox partition',
      'parked: defer',
    ]);
  });
});
