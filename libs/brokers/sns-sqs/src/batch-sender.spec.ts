import { describe, expect, it } from '@jest/globals';
import { BatchSender, type Sent, type Waiting } from './batch-sender.ts';

const nothing: Sent = { failed: new Map(), refused: new Map(), down: false };

/** A sender whose connection is the test: it receives each batch and decides the result. */
class SenderBench {
  readonly batches: string[][] = [];
  readonly settled: string[] = [];
  readonly sender: BatchSender;
  #answer: (sent: Sent) => void = () => undefined;
  #batch: readonly Waiting[] = [];

  constructor(ordered: boolean) {
    this.sender = new BatchSender(ordered, 3, (batch) => {
      this.#batch = batch;
      this.batches.push(batch.map(({ message }) => message.body));
      return new Promise((resolve) => {
        this.#answer = resolve;
      });
    });
  }

  /** A name such as `k1` is a message of the key `k`. */
  async add(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      const message = { channel: 'c', body: name, envelope: { key: name[0] } } as never;
      const settle = (error?: Error) =>
        this.settled.push(error ? `${name} ${error.message}` : name);
      this.sender.add({ message, settle });
    }
    await this.turn();
  }

  async answer(faults: Readonly<Record<string, 'failed' | 'refused'>> = {}, down = false) {
    const having = (fault: string) =>
      new Map(
        this.#batch
          .filter(({ message }) => faults[message.body] === fault)
          .map((each) => [each, new Error(fault)] as const),
      );
    this.#answer({ ...nothing, failed: having('failed'), refused: having('refused'), down });
    await this.turn();
  }

  async turn(): Promise<void> {
    for (let n = 0; n < 3; n += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a sender of a topic', () => {
  it('sends one batch after the other', async () => {
    const bench = new SenderBench(true);
    await bench.add('a1', 'b1', 'c1', 'd1');
    expect(bench.batches).toEqual([['a1', 'b1', 'c1']]);
    await bench.answer();
    expect([bench.settled, bench.batches[1]]).toEqual([['a1', 'b1', 'c1'], ['d1']]);
    await bench.answer();
    await bench.add('e1');
    expect(bench.batches[2]).toEqual(['e1']);
  });

  it('puts no key twice into a batch where order counts, and does where it does not', async () => {
    const ordered = new SenderBench(true);
    await ordered.add('a1', 'b1', 'a2');
    expect(ordered.batches).toEqual([['a1', 'b1']]);
    const loose = new SenderBench(false);
    await loose.add('a1', 'b1', 'a2');
    expect(loose.batches).toEqual([['a1', 'b1', 'a2']]);
  });

  it('fails what waits behind a failed message of its key, so that it is not stored first', async () => {
    const bench = new SenderBench(true);
    await bench.add('a1', 'b1', 'a2', 'b2', 'a3');
    await bench.answer({ a1: 'failed' });
    expect(bench.settled).toEqual(['a1 failed', 'b1', 'a2 failed', 'a3 failed']);
    expect(bench.batches[1]).toEqual(['b2']);
  });

  it('goes on behind a message that will never be taken', async () => {
    const bench = new SenderBench(true);
    await bench.add('a1', 'a2');
    await bench.answer({ a1: 'refused' });
    expect([bench.settled, bench.batches[1]]).toEqual([['a1 refused'], ['a2']]);
  });

  it('fails all that waits when the line is down, and sends what comes later', async () => {
    const bench = new SenderBench(true);
    await bench.add('a1', 'b1', 'a2', 'c1');
    await bench.answer({ a1: 'failed', b1: 'failed' }, true);
    expect(bench.settled).toEqual(['a1 failed', 'b1 failed', 'a2 failed', 'c1 failed']);
    await bench.add('a1');
    await bench.answer();
    expect(bench.settled.at(-1)).toBe('a1');
  });

  it('when it closes, refuses what waits and settles what is under way', async () => {
    const bench = new SenderBench(true);
    await bench.add('a1', 'a2');
    let closed = false;
    const closing = bench.sender.close(new Error('closed')).then(() => {
      closed = true;
    });
    await bench.turn();
    expect([bench.settled, closed]).toEqual([['a2 closed'], false]);
    await bench.answer();
    await closing;
    expect(bench.settled).toEqual(['a2 closed', 'a1']);
  });
});
