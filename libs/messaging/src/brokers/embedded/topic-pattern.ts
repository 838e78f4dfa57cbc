const wordsOf = (key: string): readonly string[] => (key === '' ? [] : key.split('.'));

/** AMQP topic pattern as a test of routing keys: `*` stands for one word, `#` for any number, also none. */
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
    const next = new Array<boolean>(words.length + 1).fill(false);
    for (let at = 0; at <= words.length; at += 1) {
      if (part === '#') next[at] = Boolean(reached[at] || (at > 0 && next[at - 1]));
      else if (at > 0)
        next[at] = Boolean(reached[at - 1]) && (part === '*' || part === words[at - 1]);
    }
    reached = next;
  }
  return reached[words.length] === true;
}
