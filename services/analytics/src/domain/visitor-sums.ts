import type { ActivityProcessed, DataOf } from '@waybill/contracts';
import { addSpend } from './page.ts';

type Processed = Pick<DataOf<typeof ActivityProcessed>, 'type' | 'page' | 'amount'>;

/** What a visitor did in ten seconds, or more of them. */
export interface VisitorSums {
  readonly activities: number;
  readonly pageViews: number;
  /** Short hashes of the paths, which may be long. */
  readonly pages: readonly string[];
  readonly purchases: number;
  readonly spend: number;
}

/** So that the state of a visitor is small; further pages are not told apart. */
const mostPages = 100;

export const nothingYet: VisitorSums = {
  activities: 0,
  pageViews: 0,
  pages: [],
  purchases: 0,
  spend: 0,
};

/** Adds an activity. */
export const addActivity = (sum: VisitorSums, { type, page, amount }: Processed): VisitorSums =>
  mergeSums(sum, {
    activities: 1,
    pageViews: page ? 1 : 0,
    pages: page ? [hashOf(page.path)] : [],
    purchases: type === 'purchase' ? 1 : 0,
    spend: amount ?? 0,
  });

/** What was done in both. */
export const mergeSums = (one: VisitorSums, other: VisitorSums): VisitorSums => ({
  activities: one.activities + other.activities,
  pageViews: one.pageViews + other.pageViews,
  pages: [...new Set([...one.pages, ...other.pages])].sort().slice(0, mostPages),
  purchases: one.purchases + other.purchases,
  spend: addSpend(one.spend, other.spend),
});

/** FNV-1a: a window has too few pages for two of them to collide in practice. */
function hashOf(path: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(path)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(36);
}
