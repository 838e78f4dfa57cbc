import DefaultSequencer from '@jest/test-sequencer';

/** Files that take minutes, the longest first. They are small: without an earlier run, jest would begin them last, and end with one worker. */
const longest = [
  'e2e/portable.e2e.spec.ts',
  'e2e/stack/portable.e2e.spec.ts',
  'e2e/stack/faults/services.e2e.spec.ts',
  'e2e/pages/console.e2e.spec.ts',
  'sns-sqs-broker.conformance.broker.spec.ts',
  'kafka.broker.spec.ts',
];

/** Jest's own order, after the files that are known to take longest. */
export default class LongestFirst extends DefaultSequencer {
  sort(tests) {
    const place = ({ path }) => {
      const at = longest.findIndex((end) => path.endsWith(`/${end}`));
      return at < 0 ? longest.length : at;
    };
    return super.sort(tests).sort((a, b) => place(a) - place(b));
  }
}
