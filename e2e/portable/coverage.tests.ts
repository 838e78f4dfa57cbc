import { expect, it } from '@jest/globals';
import type { BeyondReach } from './beyond-reach.ts';
import type { Target } from './target.ts';

/**
 * Checks that some test of this run received every route, status and code of the API document, except those that are
 * `excused`. Call it after all others.
 */
export function coverageTests(target: () => Target, excused: readonly BeyondReach[]): void {
  it('has met every route, every status and every code of the API document', () => {
    const { contract } = target();
    expect(contract.document.operations.length).toBeGreaterThan(30);
    const isExcused = (promise: string) => excused.some((each) => each.promise.test(promise));
    expect(contract.unvisited().filter((promise) => !isExcused(promise))).toEqual([]);
    const met = contract.promises().length - contract.unvisited().length;
    expect(met).toBeGreaterThan(contract.document.operations.length * 4);
  });

  it('excuses nothing that is not promised', () => {
    const promises = target().contract.promises();
    const needless = excused.filter(({ promise }) => !promises.some((each) => promise.test(each)));
    expect(needless.map(({ promise }) => String(promise))).toEqual([]);
  });
}
