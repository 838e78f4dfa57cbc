import { describe, expect, it } from '@jest/globals';
import { Health } from './health.ts';
import { SampledCheck } from './sampled-check.ts';

/** The statuses that a check shows while it is sampled with these values, of a limit of 100. */
async function shownFor(values: readonly number[], degradesOnly = false) {
  const left = [...values];
  const check = new SampledCheck(
    { name: 'depth', unit: 'messages', limit: 100, degradesOnly, read: () => left.shift() ?? 0 },
    { raiseAfter: 3, clearAfter: 5 },
  );
  const shown: string[] = [];
  for (const _ of values) {
    await check.sample();
    shown.push((await check.report()).status);
  }
  return shown;
}

describe('a sampled check', () => {
  it('gets worse after three bad samples in a row, and no sooner', async () => {
    expect(await shownFor([200, 200, 0, 200, 200, 200])).toEqual([
      ...Array(5).fill('healthy'),
      'unhealthy',
    ]);
  });

  it('gets better after five good samples in a row, and no sooner', async () => {
    const bad = [200, 200, 200];
    const shown = await shownFor([...bad, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0]);
    expect(shown.slice(2)).toEqual([...Array(10).fill('unhealthy'), 'healthy']);
  });

  it('is as bad as the best of three, and gets worse and better step by step', async () => {
    expect((await shownFor([90, 200, 200])).at(-1)).toBe('degraded');
    expect((await shownFor([90, 200, 200, 200])).at(-1)).toBe('unhealthy');
    expect((await shownFor([200, 200, 200, 85, 85, 0, 85, 85])).at(-1)).toBe('degraded');
  });

  it('shows the value that made it bad until it is better', async () => {
    const left = [200, 300, 400, 5, 5, 5, 5, 5];
    const check = new SampledCheck(
      { name: 'lag', unit: 'ms', limit: 100, read: () => left.shift() ?? 0 },
      { raiseAfter: 3, clearAfter: 5 },
    );
    const shown: unknown[] = [];
    while (left.length > 0) shown.push((await check.sample()).value);
    expect(shown).toEqual([200, 300, 400, 400, 400, 400, 400, 5]);
  });

  it('that only degrades is degraded at any value', async () => {
    expect((await shownFor([900, 900, 900], true)).at(-1)).toBe('degraded');
  });

  it('tells what its value is of, and its thresholds', async () => {
    const health = new Health('order');
    const read = () => ({ value: 90, about: 'order.mail' });
    health.add({ name: 'depth', unit: 'messages', limit: 100, sampled: true, read });
    expect((await health.report()).checks).toMatchObject([
      {
        name: 'depth',
        status: 'healthy',
        value: 90,
        about: 'order.mail',
        threshold: { degraded: 80, unhealthy: 100 },
      },
    ]);
  });

  it('never keeps a service from requests', async () => {
    const health = new Health('order');
    health.add({ name: 'depth', unit: 'messages', limit: 1, sampled: true, read: () => 5 });
    for (let sample = 0; sample < 3; sample += 1) await health.sample();
    expect((await health.report()).status).toBe('unhealthy');
    expect(await health.obstacles()).toEqual([]);
  });
});
