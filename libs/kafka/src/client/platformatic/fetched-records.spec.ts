import { expect, it } from '@jest/globals';
import type { RecordsBatch } from '@platformatic/kafka';
import { recordsOf } from './fetched-records.ts';

const batchOf = (values: readonly (Buffer | null)[]): RecordsBatch =>
  ({
    firstOffset: 5n,
    lastOffsetDelta: values.length - 1,
    attributes: 0,
    firstTimestamp: 0n,
    records: values.map((value, offsetDelta) => ({
      offsetDelta,
      timestampDelta: 0n,
      key: null,
      value,
      headers: [],
    })),
  }) as unknown as RecordsBatch;

it('gives values as text, and those that are no text as they are beside it', () => {
  const broken = Buffer.from([0xff, 0xfe, 0x41]);
  const { read } = recordsOf([batchOf([Buffer.from('Amélie'), broken, null])], 5n);
  expect(read.map(({ value, bytes }) => ({ value, bytes }))).toEqual([
    { value: 'Amélie', bytes: undefined },
    { value: '\ufffd\ufffdA', bytes: broken },
    { value: '', bytes: undefined },
  ]);
});
