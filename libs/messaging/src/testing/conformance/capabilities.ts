/** What a broker may promise, each with the sentence that its users read. */
export const capabilities = {
  atLeastOnce: 'Every declared group gets every message that it hears, at least once',
  confirmed: 'The sender is told of each message alone, once',
  confirmsCommit: 'A message is confirmed only when every group has committed it',
  ordered: 'Messages of one key come in order, also when they come again',
  shared: 'Consumers of a group share its shards and take over from each other',
  visibility: 'A delivery that is held too long goes to a consumer again',
  backpressure: 'A consumer holds no more than it asked for',
  routed: 'Topic patterns and attribute filters choose the groups',
  unroutable: 'Work that nobody hears is refused',
  intact: 'Bodies arrive as they were sent, whatever they hold',
  priority: 'Urgent keys overtake others, never their own earlier messages',
  expiry: 'An expired message is handed over as expired, not dropped',
  delayed: 'A delayed message comes at its time',
  bounded: 'A full group refuses more, and takes more when it has room',
  observed: 'Observers see what goes by, at most once',
  answered: 'Requests are answered by one responder, or by all',
  counted: 'Depth, deliveries and age are counted for each channel and group',
  closes: 'Closing finishes what is in hand and says what is not safe',
} as const;
export type Capability = keyof typeof capabilities;

/** What the conformance suite has tested on one broker: how many tests stand for each promise. */
export interface ConformanceResult {
  readonly broker: string;
  readonly tests: ReadonlyMap<Capability, number>;
}

/** The guarantees of brokers as a Markdown table; a number says how many tests prove the promise. */
export function guaranteesTable(results: readonly ConformanceResult[]): string {
  const rows = Object.entries(capabilities).map(([capability, sentence]) => [
    sentence,
    ...results.map(({ tests }) => {
      const count = tests.get(capability as Capability) ?? 0;
      return count === 0 ? 'no' : `yes (${count} ${count === 1 ? 'test' : 'tests'})`;
    }),
  ]);
  const head = ['Promise', ...results.map(({ broker }) => broker)];
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
