import { expect, it } from '@jest/globals';
import { WaitingLines } from './waiting-lines.ts';

it('tells a new reason at once, and the same one every five seconds', () => {
  const output: string[] = [];
  let now = 0;
  const lines = new WaitingLines(
    (line) => output.push(line),
    () => now,
  );
  for (now = 0; now < 12_000; now += 250) lines.tell('no database');
  expect(output).toEqual(Array(3).fill('waiting: no database'));
  lines.tell('no broker');
  expect(output.at(-1)).toBe('waiting: no broker');
});
