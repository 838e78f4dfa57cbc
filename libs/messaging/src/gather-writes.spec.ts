import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { gatherWrites } from './gather-writes.ts';

/** A socket that records what reaches the system, one entry per call. */
function socket() {
  const calls: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _, done) => {
      calls.push(String(chunk));
      done();
    },
    writev: (chunks, done) => {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  gatherWrites(stream);
  return { stream, calls };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('writes that are gathered', () => {
  it('leave together when they are of one turn, in their order', async () => {
    const { stream, calls } = socket();
    for (const word of ['a', 'b', 'c']) stream.write(word);
    await Promise.resolve().then(() => stream.write('d'));
    expect(calls).toEqual([]);
    await turn();
    expect(calls).toEqual(['abcd']);
  });

  it('do not wait for those of a later turn', async () => {
    const { stream, calls } = socket();
    stream.write('a');
    await turn();
    stream.write('b');
    await turn();
    expect(calls).toEqual(['a', 'b']);
  });

  it('still say when the socket wants a pause, and when it goes on', async () => {
    const { stream } = socket();
    expect(stream.write('x'.repeat(stream.writableHighWaterMark))).toBe(false);
    await once(stream, 'drain');
    expect(stream.write('y')).toBe(true);
  });

  it('all leave before the end', async () => {
    const { stream, calls } = socket();
    stream.write('a');
    stream.end('b');
    await once(stream, 'finish');
    expect(calls.join('')).toBe('ab');
  });
});
