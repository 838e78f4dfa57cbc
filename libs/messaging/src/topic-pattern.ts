const wordsOf = (key: string): readonly string[] => (key === '' ? [] : key.split('.'));

/** Compiles an AMQP topic pattern to a test of routing keys: `*` is one word, `#` any number of words, including none. */
export function topicPattern(pattern: string): (routingKey: string) => boolean {
  const parts = wordsOf(pattern);
  if (!parts.some((part) => part === '*' || part === '#')) return (key) => key === pattern;
  return (key) => matches(parts, wordsOf(key));
}

/** Position by position instead of by recursion, so that no pattern takes more than words × parts steps. */
function matches(parts: readonly string[], words: readonly string[]): boolean {
  let reached = new Array<boolean>(words.length + 1).fill(false);
  reached[0] = true;
  for (const part of parts) {
    reached = part === '#' ? fromFirst(reached) : afterWord(part, reached, words);
  }
  return reached[words.length] === true;
}

/** Any number of words: every position from the first that is reached. */
function fromFirst(reached: readonly boolean[]): boolean[] {
  const first = reached.indexOf(true);
  return reached.map((_, at) => first !== -1 && at >= first);
}

const afterWord = (part: string, reached: readonly boolean[], words: readonly string[]) =>
  reached.map((_, at) => reached[at - 1] === true && (part === '*' || part === words[at - 1]));
