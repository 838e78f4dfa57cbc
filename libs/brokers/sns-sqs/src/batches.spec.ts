import { describe, expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import { type BatchAnswer, Batches } from './batches.ts';

const codes = (failed: Readonly<Record<string, string>>): BatchAnswer => ({
  Failed: Object.entries(failed).map(([Id, Code]) => ({ Id, Code })),
});

describe('batches of small calls', () => {
  it('put ten into one call', async () => {
    const sizes: number[] = [];
    const batches = new Batches<number>(async (entries) => {
      sizes.push(entries.length);
      return {};
    });
    await Promise.all(Array.from({ length: 25 }, (_, n) => batches.add(n)));
    expect(sizes).toEqual([10, 10, 5]);
  });

  it('say again what failed of a batch, and that alone', async () => {
    const calls: string[][] = [];
    const batches = new Batches<string>(async (entries) => {
      calls.push(entries.map(({ value }) => value));
      return calls.length === 1 ? codes({ 1: 'InternalError' }) : {};
    });
    expect(await Promise.all(['a', 'b', 'c'].map((each) => batches.add(each)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(calls).toEqual([['a', 'b', 'c'], ['b']]);
  });

  it('tell what failed for good: what is hopeless at once, the rest after four times', async () => {
    let calls = 0;
    const batches = new Batches<string>(
      async () => {
        calls += 1;
        return codes({ 0: 'ReceiptHandleIsInvalid' });
      },
      (code) => code === 'ReceiptHandleIsInvalid',
    );
    expect(await batches.add('a')).toBe('ReceiptHandleIsInvalid');
    expect(calls).toBe(1);
    const broken = new Batches<string>(async () => {
      calls += 1;
      throw new Error('reset');
    });
    expect(await broken.add('a')).toMatchObject({ message: 'reset' });
    expect(calls).toBe(5);
  });

  it('are flushed when all is said', async () => {
    let answer: ((_: BatchAnswer) => void) | undefined;
    const batches = new Batches<string>(() => new Promise((resolve) => (answer = resolve)));
    let flushed = false;
    void batches.add('a');
    const all = batches.flushed().then(() => {
      flushed = true;
    });
    await until(() => answer !== undefined);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(flushed).toBe(false);
    answer?.({});
    await all;
  });
});
