import { expect, it } from '@jest/globals';
import { testProgramsOf } from './test-programs.ts';

it.each([
  ['e2e/pages/live.e2e.spec.ts', ['browser']],
  ['e2e/stack/stream.browser.e2e.spec.ts', ['browser']],
  ['tools/examples.python.kafka.broker.spec.ts', ['python']],
  ['tools/alerts.prometheus.spec.ts', ['prometheus', 'promtool']],
  ['e2e/access.e2e.spec.ts', []],
])('%s needs %j', (path, programs) => {
  expect(testProgramsOf(path)).toEqual(programs);
});
