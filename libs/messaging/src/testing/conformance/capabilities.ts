/** What a broker may promise, each with the sentence that its users read. */
export const capabilities = {
  atLeastOnce: 'Every declared group receives each message that it subscribes to at least once',
  confirmed: 'The publisher gets one confirm or error per message, exactly once',
  confirmsCommit: 'A message is confirmed only after every group has committed it',
  unknown: 'A lost confirm is an error for the publisher, never a lost message',
  ordered: 'Messages of one key are delivered and redelivered in order',
  takenOver: 'A partition has one owner at a time, and another consumer takes it over',
  shared: 'Consumers of a group share its partitions',
  several: 'Other processes of the same system use the same groups',
  spread: 'Processes share the partitions of a group',
  survives: 'A crash loses no message, and each key keeps its order',
  heals: 'Broken connections are re-established, also during a publish or a batch',
  visibility: 'A delivery that is held too long is redelivered',
  backpressure: 'A consumer holds at most as many deliveries as its prefetch',
  routed: 'Topic patterns and attribute filters route messages to groups',
  unroutable: 'Commands without a subscriber are refused',
  intact: 'Bodies arrive unchanged, whatever bytes they contain',
  encoded:
    'A compressed or coded body arrives as JSON, and one that cannot be read with the reason',
  large: 'A large body travels by the blob store',
  priority: 'Priority delivery never reorders messages with the same key',
  expiry: 'An expired message is delivered as expired, not dropped',
  replayed: 'A new group starts with messages that were published before it',
  bounded: 'A full group refuses messages until it has room',
  observed: 'Observers receive passing messages at most once',
  answered: 'A request is answered by one responder, or by all of them',
  counted: 'Depth and deliveries are counted per group',
  aged: 'The age of the oldest waiting message is known',
  browsed: 'Operators see what waits for a group, and remove nothing by that',
  purged: 'Operators remove what waits for a group',
  moved: 'Operators move a group to another place in a channel',
  closes: 'Closing finishes deliveries in progress and reports unconfirmed messages',
} as const;
export type Capability = keyof typeof capabilities;

/** What the conformance suite tests on one broker: the number of tests of each promise. */
export interface ConformanceResult {
  readonly broker: string;
  readonly tests: ReadonlyMap<Capability, number>;
}

/** A result as JSON. Each adapter stores its own next to its tests, and its spec compares it with the counted tests. */
export interface ConformanceCounts {
  readonly broker: string;
  readonly tests: Readonly<Partial<Record<Capability, number>>>;
}

/** The content of an adapter's result file. */
export const countsOf = ({ broker, tests }: ConformanceResult): ConformanceCounts => ({
  broker,
  tests: Object.fromEntries(tests),
});

/** The result in such a file, so that a table of several brokers needs no broker. */
export const resultOf = ({ broker, tests }: ConformanceCounts): ConformanceResult => ({
  broker,
  tests: new Map(Object.entries(tests) as [Capability, number][]),
});

/** The guarantees of brokers as a Markdown table; a number is the count of tests that prove the promise. */
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
