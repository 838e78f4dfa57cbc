import { activityProperties, activityType, givenInstant, text } from '@waybill/contracts';
import { z } from 'zod';

const activity = z
  .strictObject({
    type: activityType,
    sessionId: text(1, 100),
    occurredAt: givenInstant,
    properties: activityProperties.default({}),
    /** A repeated report with the same id counts once; without one, a report with the same content does. */
    eventId: z.uuid().toLowerCase().optional(),
  })
  .meta({ id: 'Activity' });

/** One activity, or up to 500. */
export const activityBody = z.union([activity, z.array(activity).min(1).max(500)]);
export type ActivityBody = z.output<typeof activityBody>;

export const activityAnswer = z
  .object({ accepted: z.int().min(1) })
  .meta({ id: 'ActivityAccepted' });
