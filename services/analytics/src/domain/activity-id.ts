import { derivedId } from '@waybill/contracts';

/** What identifies a report of an activity. */
interface Reported {
  readonly eventId?: string | undefined;
  readonly sessionId: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly properties: object;
}

/** What derived ids begin with: they have no time. */
const origin = '00000000-0000-7000-8000-000000000000';

/** The id of a report: its own, or one derived from its content, so that a report without an id that is sent again has the same one. */
export const activityId = (activity: Reported): string =>
  activity.eventId ?? derivedId(origin, JSON.stringify(contentOf(activity)));

const contentOf = ({ sessionId, type, occurredAt, properties }: Reported) => [
  sessionId,
  type,
  occurredAt,
  Object.entries(properties).sort(([one], [other]) => (one < other ? -1 : 1)),
];
