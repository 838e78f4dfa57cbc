import { describe, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { createLog } from './log.ts';
import { SparseWarnings } from './sparse-warnings.ts';

const setUp = () => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const clock = new HandClock();
  const warnings = new SparseWarnings(createLog({ service: 'order', level: 'info', write }), clock);
  return { lines, clock, warnings };
};

describe('a warning that repeats', () => {
  it('is told at once, then at most once a second with how often and the newest of it', () => {
    const { lines, clock, warnings } = setUp();
    for (let i = 1; i <= 50; i += 1) warnings.warn('overloaded', { waited: i }, 'refused');
    expect(lines).toMatchObject([{ level: 'warn', msg: 'refused', times: 1, waited: 1 }]);
    clock.advance(1_000);
    expect(lines.slice(1)).toMatchObject([{ times: 49, waited: 50 }]);
    warnings.warn('overloaded', { waited: 51 }, 'refused');
    clock.advance(10_000);
    expect(lines.slice(2)).toMatchObject([{ times: 1, waited: 51 }]);
    warnings.warn('overloaded', { waited: 52 }, 'refused');
    expect(lines.slice(3)).toMatchObject([{ times: 1, waited: 52 }]);
  });

  it('names what it counts by correlation id, as far as a line can', () => {
    const { lines, clock, warnings } = setUp();
    const ids = Array.from({ length: 150 }, (_, n) => `id-${n}`);
    for (const id of ids) warnings.warn('away', {}, 'refused', id);
    clock.advance(1_000);
    expect(lines).toMatchObject([
      { times: 1, correlationIds: ['id-0'] },
      { times: 149, correlationIds: ids.slice(1, 101) },
    ]);
    warnings.warn('nameless', {}, 'refused');
    expect(lines.at(-1)).not.toHaveProperty('correlationIds');
  });

  it('is counted by its kind', () => {
    const { lines, warnings } = setUp();
    for (const kind of ['a', 'b', 'a']) warnings.warn(kind, {}, kind);
    expect(lines.map(({ msg }) => msg)).toEqual(['a', 'b']);
  });
});
