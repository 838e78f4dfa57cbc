import { expect, it } from '@jest/globals';
import { byPhase, type CpuProfile, type Place, selfTimes, unknownPhase } from './cpu-profile.ts';
import { phaseOf } from './node-phases.ts';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 9, columnNumber: 0 },
  children,
});

const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 5, 6, 7]),
    node(2, 'query', 'node_modules/pg/lib/client.js', [3]),
    node(3, 'write', 'node:net', [4]),
    node(4, 'writev', ''),
    node(5, '(garbage collector)', ''),
    node(6, '(idle)', ''),
    node(7, 'onread', 'node:internal/stream_base_commons', [8]),
    node(8, 'writev', ''),
  ],
  samples: [2, 4, 3, 4, 5, 6, 8, 7],
  timeDeltas: [10, 20, 30, 40, 50, 1_000, 5, 7],
};

const placeOf = ({ url, lineNumber }: { url: string; lineNumber: number }): Place | null =>
  url === '' ? null : { file: url, line: lineNumber + 1 };

it('counts what Node does for a caller as the work of the caller, and leaves waiting out', () => {
  const times = selfTimes(profile, { placeOf, phaseOf });
  expect(byPhase(times)).toEqual([
    ['pg driver', 100],
    ['garbage collection', 50],
    [unknownPhase, 12],
  ]);
  expect(times[0]).toEqual({ name: 'writev', place: '', phase: 'pg driver', microseconds: 60 });
  expect(times.find(({ name }) => name === 'query')?.place).toBe(
    'node_modules/pg/lib/client.js:10',
  );
});

it.each([
  ['libs/message/src/id.ts', 'derived ids'],
  ['libs/message/src/envelope.ts', 'envelopes: decode, encode, contracts'],
  ['libs/brokers/embedded/src/embedded-group.ts', 'brokers'],
  ['libs/messaging/src/gather-writes.ts', 'brokers'],
  ['libs/messaging/src/batch-builder.ts', 'batch building and working copy'],
  ['libs/messaging/src/consumer.ts', 'consumer, runner, settlement'],
  ['libs/persistence/src/relay/outbox-partition.ts', 'relay'],
  ['libs/persistence/src/commit-batch/rows-text.ts', 'commit: parameters and call'],
  ['libs/observability/src/metrics.ts', 'metrics, logs and traces'],
  ['services/order/src/http/admission.ts', 'HTTP edge'],
  ['services/order/src/domain/order.ts', 'decide and saga'],
  ['services/payment/src/clients/sandbox-payment.client.ts', 'providers and carriers'],
  ['node_modules/pg-protocol/src/parser.ts', 'pg driver'],
  ['node_modules/zod/v4/core/schemas.js', 'validation (zod)'],
  ['node_modules/lodash/x.js', 'other libraries'],
  ['node:_http_server', 'HTTP edge'],
])('%s is part of: %s', (file, phase) => {
  expect(phaseOf('any', { file, line: 1 })).toBe(phase);
});

it('leaves functions of the engine and of Node to their callers', () => {
  expect(phaseOf('writev', null)).toBeNull();
  expect(phaseOf('emit', { file: 'node:events', line: 1 })).toBeNull();
});
