/** What is searched, as PostgreSQL takes it; a word that is still being typed is also searched by its beginning. */
export interface SearchWords {
  readonly words: string;
  /** The words before the last one. */
  readonly head: string;
  /** The last word as a prefix, `lapt:*`; empty if it is part of a phrase, is excluded or has other characters. */
  readonly last: string;
}

const lastWord = /^(?:(.*)\s)?([\p{L}\p{N}]+)$/su;

export function searchWords(words: string): SearchWords {
  const [, head = '', last] = lastWord.exec(words) ?? [];
  const isQuoted = words.split('"').length % 2 === 0;
  return { words, head, last: last === undefined || isQuoted ? '' : `${last}:*` };
}
