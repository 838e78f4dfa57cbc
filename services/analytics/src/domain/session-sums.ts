import type { ActivityEnriched, DataOf, MetricsComputed } from '@waybill/contracts';
import { addSpend, amountOf, pageOf } from './page.ts';

type Enriched = DataOf<typeof ActivityEnriched>;
type Session = DataOf<typeof MetricsComputed>['sessions'][number];

/** A moment, and what was known then. */
interface Known {
  readonly at: string;
  readonly value: string;
}

/** What happened in a session. */
export interface SessionSums
  extends Pick<Session, 'activities' | 'pageViews' | 'spend' | 'pages' | 'types'> {
  readonly customer: Known | null;
  readonly country: Known | null;
  readonly entry: Known | null;
  readonly exit: Known | null;
}

/** Of one session, so that its state is small; views of further pages are counted, but not by page. */
const mostPages = 30;

export const emptySession: SessionSums = {
  activities: 0,
  pageViews: 0,
  spend: 0,
  pages: [],
  types: [],
  customer: null,
  country: null,
  entry: null,
  exit: null,
};

/** Adds an activity. */
export const addToSession =
  (currency: string) =>
  (sum: SessionSums, activity: Enriched): SessionSums => {
    const { type, occurredAt: at, customer, country } = activity;
    const page = pageOf(activity);
    const known = (value: string | null | undefined) => (value ? { at, value } : null);
    return mergeSessions(sum, {
      activities: 1,
      pageViews: page ? 1 : 0,
      spend: amountOf(activity, currency) ?? 0,
      pages: page ? [{ ...page, views: 1 }] : [],
      types: [{ type, times: 1 }],
      customer: known(customer?.id),
      country: known(country),
      entry: known(page?.path),
      exit: known(page?.path),
    });
  };

/** What happened in both; the order of activities does not matter. */
export const mergeSessions = (one: SessionSums, other: SessionSums): SessionSums => ({
  activities: one.activities + other.activities,
  pageViews: one.pageViews + other.pageViews,
  spend: addSpend(one.spend, other.spend),
  pages: pagesOf([...one.pages, ...other.pages]),
  types: typesOf([...one.types, ...other.types]),
  customer: last(one.customer, other.customer),
  country: last(one.country, other.country),
  entry: first(one.entry, other.entry),
  exit: last(one.exit, other.exit),
});

function pagesOf(pages: SessionSums['pages']): SessionSums['pages'] {
  const byPath = new Map<string, SessionSums['pages'][number]>();
  for (const page of pages) {
    const views = (byPath.get(page.path)?.views ?? 0) + page.views;
    byPath.set(page.path, { ...page, views });
  }
  return [...byPath.values()]
    .sort((one, other) => (one.path < other.path ? -1 : 1))
    .slice(0, mostPages);
}

function typesOf(types: SessionSums['types']): SessionSums['types'] {
  const byType = new Map<Enriched['type'], number>();
  for (const { type, times } of types) byType.set(type, (byType.get(type) ?? 0) + times);
  return [...byType]
    .map(([type, times]) => ({ type, times }))
    .sort((one, other) => (one.type < other.type ? -1 : 1));
}

const isBefore = (one: Known, other: Known): boolean =>
  one.at === other.at ? one.value < other.value : Date.parse(one.at) < Date.parse(other.at);

const first = (one: Known | null, other: Known | null): Known | null =>
  !one || (other && isBefore(other, one)) ? other : one;
const last = (one: Known | null, other: Known | null): Known | null =>
  !one || (other && isBefore(one, other)) ? other : one;

/** A session as it is published. */
export const sessionOf = (
  { start, end }: { readonly start: number; readonly end: number },
  { customer, country, entry, exit, ...counts }: SessionSums,
): Session => ({
  from: new Date(start).toISOString(),
  to: new Date(end).toISOString(),
  customerId: customer?.value ?? null,
  country: country?.value ?? null,
  entryPage: entry?.value ?? null,
  exitPage: exit?.value ?? null,
  ...counts,
});
