import type { ActivityRecorded, DataOf } from '@waybill/contracts';
import { pageOf } from '../domain/page.ts';
import { visitorOf } from '../domain/visitor.ts';
import { gap, lateness } from './pipeline.ts';

type Activity = DataOf<typeof ActivityRecorded>;

/** What the rows of windows are if nothing is lost, doubled or late. */
export function naiveWindows(activities: readonly Activity[]) {
  const found = new Map<string, Activity[]>();
  for (const each of admitted(activities, (one) => visitorOf(one.customerId, one.sessionId))) {
    const first = Math.floor(Date.parse(each.occurredAt) / 10_000) * 10_000;
    for (let i = 0; i < 6; i += 1) {
      const key = `${visitorOf(each.customerId, each.sessionId)} ${first - i * 10_000}`;
      found.set(key, [...(found.get(key) ?? []), each]);
    }
  }
  return [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, some]) => {
      const [visitor = '', startedAt = ''] = key.split(' ');
      const pages = some.flatMap((each) => pageOf(each)?.path ?? []);
      const purchases = some.filter(({ type }) => type === 'purchase');
      const spend = purchases.reduce(
        (sum, { properties }) => sum + Number(properties['amount']),
        0,
      );
      return {
        visitor,
        start: Number(startedAt),
        activities: some.length,
        page_views: pages.length,
        unique_pages: new Set(pages).size,
        purchases: purchases.length,
        spend,
      };
    });
}

/** In the order of arrival, without what is late for its key, and each once. */
function admitted(
  activities: readonly Activity[],
  key: (activity: Activity) => string,
): Activity[] {
  const newest = new Map<string, number>();
  const once = new Map(activities.map((each) => [each.eventId, each]));
  return [...once.values()].filter((each) => {
    const at = Date.parse(each.occurredAt);
    const last = Math.max(newest.get(key(each)) ?? at, at);
    newest.set(key(each), last);
    return at >= last - lateness;
  });
}

/** What the rows of sessions are. */
export function naiveSessions(activities: readonly Activity[]) {
  const found: Activity[][] = [];
  const timeOf = (each: Activity | undefined) => Date.parse(each?.occurredAt ?? '');
  const sorted = admitted(activities, ({ sessionId }) => sessionId).sort(
    (one, other) => timeOf(one) - timeOf(other),
  );
  for (const each of sorted) {
    const last = found.findLast((session) => session[0]?.sessionId === each.sessionId);
    if (last && timeOf(each) - timeOf(last.at(-1)) <= gap) last.push(each);
    else found.push([each]);
  }
  return found
    .map((session) => ({
      session_id: session[0]?.sessionId ?? '',
      start: timeOf(session[0]),
      end: timeOf(session.at(-1)),
      activities: session.length,
      page_views: session.filter((each) => pageOf(each)).length,
    }))
    .sort((one, other) =>
      one.session_id === other.session_id
        ? one.start - other.start
        : one.session_id < other.session_id
          ? -1
          : 1,
    );
}
