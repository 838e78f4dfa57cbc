import { describe, expect, it } from '@jest/globals';
import { Health } from './health.ts';

const check = (name: string, value: number | Error, neededToServe = false) => ({
  name,
  unit: 'ms',
  limit: 100,
  neededToServe,
  read: () => {
    if (value instanceof Error) throw value;
    return value;
  },
});
const reportOf = async (...checks: ReturnType<typeof check>[]) => {
  const health = new Health('order');
  health.add(...checks);
  return health.report();
};

describe('the health of a service', () => {
  it.each([
    [0, 'healthy'],
    [79, 'healthy'],
    [80, 'degraded'],
    [99, 'degraded'],
    [100, 'unhealthy'],
  ] as const)('is at %i of 100 %s', async (value, status) => {
    const report = await reportOf(check('lag', value));
    expect(report).toMatchObject({
      service: 'order',
      status,
      checks: [
        { name: 'lag', value, status, unit: 'ms', threshold: { degraded: 80, unhealthy: 100 } },
      ],
    });
  });

  it('is as bad as its worst check', async () => {
    const report = await reportOf(check('a', 1), check('b', 200), check('c', 85));
    expect(report.status).toBe('unhealthy');
  });

  it('counts a check that fails as unhealthy and says why', async () => {
    const report = await reportOf(check('database', new Error('connection refused')));
    expect(report.checks[0]).toMatchObject({
      status: 'unhealthy',
      value: null,
      error: 'connection refused',
    });
  });

  it('keeps a service from requests only by checks that serving needs', async () => {
    const health = new Health('order');
    health.add(check('dead-letters', 500), check('database', 1, true));
    expect(await health.obstacles()).toEqual([]);
    const away = new Health('order');
    away.add(check('database', new Error('away'), true));
    expect((await away.obstacles()).map(({ name }) => name)).toEqual(['database']);
  });

  it('keeps a service from requests that will stop, also while a report is kept', async () => {
    const health = new Health('order');
    health.add(check('database', 1, true));
    expect(await health.obstacles()).toEqual([]);
    health.leave();
    expect((await health.obstacles()).map(({ name }) => name)).toEqual(['stopping']);
    expect((await health.report()).status).toBe('healthy');
  });

  it('runs its checks once for many who ask at the same time', async () => {
    let reads = 0;
    const health = new Health('order');
    health.add({
      ...check('a', 1),
      read: () => {
        reads += 1;
        return 1;
      },
    });
    await Promise.all([health.report(), health.report(), health.obstacles()]);
    expect(reads).toBe(1);
  });
});
