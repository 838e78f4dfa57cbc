import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BatchLoop } from './batch-loop.ts';
import { CautiousStart } from './cautious-start.ts';
import { silentObserver } from './observer.ts';
import { Ready } from './ready.ts';
import { HandClock } from './testing/hand-clock.ts';
import type { Work } from './work.ts';

/** A loop whose batches last until the test ends them; it records what they took. */
function scene(batchSize: number) {
  const batches: string[][] = [];
  let end: () => void = () => {};
  const ready = new Ready(new HandClock(), { isAwaited: (group) => group === 'orders' });
  const loop = new BatchLoop({
    clock: new HandClock(),
    ready,
    database: { patiently: (read) => read() },
    ownership: { recount: async () => undefined },
    batchSize,
    gather: 0,
    observer: silentObserver,
    caution: new CautiousStart(undefined),
    runner: {
      run: (works) => {
        batches.push(works.map(({ group, channel }) => `${group} ${channel}`));
        return new Promise((resolve) => {
          end = resolve;
        });
      },
    },
  });
  const add = (group: string, name: string) => ready.add({ group, channel: name } as Work);
  const next = async () => {
    end();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { batches, add, next, stop: () => loop.stop() };
}

it('takes first what somebody waits for, where not all fit into a batch', async () => {
  const { batches, add, next } = scene(2);
  add('mails', '1');
  await next();
  for (const name of ['2', '3']) add('mails', name);
  for (const name of ['1', '2']) add('orders', name);
  await next();
  await next();
  expect(batches).toEqual([['mails 1'], ['orders 1', 'orders 2'], ['mails 2', 'mails 3']]);
});

it('keeps a share for the others, however many somebody waits for', async () => {
  const { batches, add, next } = scene(4);
  add('orders', '0');
  await next();
  for (const name of ['1', '2']) add('mails', name);
  for (const name of ['1', '2', '3', '4']) add('orders', name);
  await next();
  await next();
  expect(batches.slice(1)).toEqual([
    ['orders 1', 'orders 2', 'orders 3', 'mails 1'],
    ['orders 4', 'mails 2'],
  ]);
});

it('never reorders the messages of a group', async () => {
  const steps = fc.array(
    fc.record({ group: fc.constantFrom('orders', 'mails', 'sales'), goOn: fc.boolean() }),
    { maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (all, size) => {
      const { batches, add, next } = scene(size);
      for (const [index, { group, goOn }] of all.entries()) {
        add(group, String(index));
        if (goOn) await next();
      }
      while (batches.flat().length < all.length) await next();
      for (const group of ['orders', 'mails', 'sales']) {
        const came = all.flatMap((each, index) => (each.group === group ? [index] : []));
        const taken = batches.flat().filter((each) => each.startsWith(group));
        expect(taken.map((each) => Number(each.split(' ')[1]))).toEqual(came);
      }
    }),
  );
});
