import { expect, it } from '@jest/globals';
import { OtherWriters } from './other-writers.ts';
import type { Offered, Waiting } from './outbox-partition.ts';
import type { OtherRow, Snapshot } from './outbox-table.ts';

type Look = Snapshot & { readonly rows: readonly OtherRow[] };

const single = (seq: number): Offered => ({
  seq,
  broker: 'embedded',
  rows: [{ seq, outboxPartition: 0 } as Waiting],
  dueAt: null,
});
const foreign = (seq: number, isOurs: boolean): OtherRow => ({
  seq,
  broker: 'embedded',
  outboxPartition: isOurs ? 0 : 1,
  row: isOurs ? ({ seq, outboxPartition: 0 } as Waiting) : null,
  later: false,
});

it('what is offered during a look waits for the next one, also when that look found rows of outbox partitions that are not ours', async () => {
  const looks: ((look: Look) => void)[] = [];
  const taken: number[] = [];
  const others = new OtherWriters({
    table: {
      lastSeq: async () => 10,
      snapshot: async () => ({ oldest: 1n, next: 1n }),
      others: () => new Promise<Look>((resolve) => looks.push(resolve)),
    },
    ours: () => [],
    take: ({ seq }) => taken.push(seq),
    found: (_, { seq }) => taken.push(seq),
    lostOutboxPartition: () => {},
    left: () => {},
    attempt: (_, run) => run(),
    pause: async () => {},
  });
  await others.begin();
  others.offer([single(12)]);
  others.offer([single(14)]);
  looks.shift()?.({ oldest: 1n, next: 3n, rows: [foreign(11, false)] });
  await new Promise(setImmediate);
  expect(taken).toEqual([12]);
  looks.shift()?.({ oldest: 1n, next: 3n, rows: [foreign(13, true)] });
  await others.idle();
  expect(taken).toEqual([12, 13, 14]);
});
