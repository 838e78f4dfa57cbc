import { describe, expect, it } from '@jest/globals';
import { HandClock } from '@waybill/messaging/testing';
import { createLog } from '../observe/log.ts';
import { Refusals } from './refusals.ts';

const setUp = (level: 'debug' | 'info') => {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const clock = new HandClock();
  const refusals = new Refusals(createLog({ service: 'order', level, write }), clock);
  const refuse = () =>
    refusals.add('overloaded', 'POST /api/v1/orders', new Error('others waited 300 ms'));
  return { lines, clock, refuse };
};

describe('requests refused for now', () => {
  it('are counted in at most one warning a second, the first of which comes at once', () => {
    const { lines, clock, refuse } = setUp('info');
    for (let i = 0; i < 50; i += 1) refuse();
    expect(lines).toMatchObject([{ level: 'warn', refused: 1, code: 'overloaded' }]);
    clock.advance(1_000);
    expect(lines.map(({ refused }) => refused)).toEqual([1, 49]);
    clock.advance(10_000);
    expect(lines).toHaveLength(2);
    refuse();
    expect(lines.map(({ refused }) => refused)).toEqual([1, 49, 1]);
    expect(JSON.stringify(lines)).not.toContain('stack');
  });

  it('are one line each at debug', () => {
    const { lines, refuse } = setUp('debug');
    for (let i = 0; i < 3; i += 1) refuse();
    expect(lines.filter(({ level }) => level === 'debug')).toHaveLength(3);
  });
});
