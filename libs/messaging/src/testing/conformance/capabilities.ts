/** What a broker may promise, each with the sentence that its users read. */
export const capabilities = {
  atLeastOnce: 'Every declared group gets every message that it hears, at least once',
  confirmed: 'The sender is told of each message alone, once',
  confirmsCommit: 'A message is confirmed only when every group has committed it',
  unknown: 'A confirm that is lost is an error for the sender, never a lost message',
  ordered: 'Messages of one key come in order, also when they come again',
  takenOver: 'A consumer owns its shards alone, and the next takes them over',
  shared: 'Consumers of a group share its shards',
  several: 'Other processes of the same system see the same groups',
  spread: 'Processes share the shards of a group',
  survives: 'A crash loses nothing, and keys keep their order',
  heals: 'Connections that break come back, in the middle of a publish or a batch too',
  visibility: 'A delivery that is held too long goes to a consumer again',
  backpressure: 'A consumer holds no more than it asked for',
  routed: 'Topic patterns and attribute filters choose the groups',
  unroutable: 'Work that nobody hears is refused',
  intact: 'Bodies arrive as they were sent, whatever they hold',
  large: 'A body larger than the broker takes comes whole, by the blob store',
  priority: 'Urgent keys overtake others, never their own earlier messages',
  expiry: 'An expired message is handed over as expired, not dropped',
  delayed: 'A delayed task comes at its time',
  replayed: 'A new group begins with what was published before it',
  bounded: 'A full group refuses more, and takes more when it has room',
  observed: 'Observers see what goes by, at most once',
  answered: 'Requests are answered by one responder, or by all',
  counted: 'Depth and deliveries are counted for each group',
  aged: 'The age of what waits is known',
  closes: 'Closing finishes what is in hand and says what is not safe',
} as const;
export type Capability = keyof typeof capabilities;

/** What the conformance suite has tested on one broker: how many tests stand for each promise. */
export interface ConformanceResult {
  readonly broker: string;
  readonly tests: ReadonlyMap<Capability, number>;
}

/** A result as JSON: each adapter keeps its own beside its tests, and its spec compares it with what was counted. */
export interface ConformanceCounts {
  readonly broker: string;
  readonly tests: Readonly<Partial<Record<Capability, number>>>;
}

/** What is written into the file of an adapter. */
export const countsOf = ({ broker, tests }: ConformanceResult): ConformanceCounts => ({
  broker,
  tests: Object.fromEntries(tests),
});

/** The result that such a file stands for, so that tables of several brokers need no broker. */
export const resultOf = ({ broker, tests }: ConformanceCounts): ConformanceResult => ({
  broker,
  tests: new Map(Object.entries(tests) as [Capability, number][]),
});

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
