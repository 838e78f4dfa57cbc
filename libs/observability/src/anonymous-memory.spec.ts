import { describe, expect, it } from '@jest/globals';
import { anonymousMemory } from './anonymous-memory.ts';

const status = [
  'Name:\tnode',
  'VmRSS:\t  253952 kB',
  'RssAnon:\t  190464 kB',
  'RssFile:\t   63488 kB',
  '',
];

describe('the anonymous memory of a process', () => {
  it('is what Linux tells, without mapped files', () => {
    expect(anonymousMemory(() => status.join('\n'))).toBe(190_464 * 1_024);
  });

  it('is all resident memory where the system does not tell', () => {
    expect(anonymousMemory(() => '')).toBeGreaterThan(10_000_000);
  });

  it('is at most the resident memory of this process', () => {
    const memory = anonymousMemory();
    expect(memory).toBeGreaterThan(10_000_000);
    expect(memory).toBeLessThanOrEqual(process.memoryUsage.rss());
  });
});
