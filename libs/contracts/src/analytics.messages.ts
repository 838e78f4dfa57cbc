import { activity, instant, text } from '@waybill/message';
import { z } from 'zod';

/** What visitors of the shop do. */
export const activityType = z
  .enum([
    'page_view',
    'view_product',
    'search',
    'add_to_cart',
    'remove_from_cart',
    'checkout_started',
    'purchase',
    'signup',
    'login',
  ])
  .meta({ id: 'ActivityType' });

const longestProperties = 4_096;

/** Details of an activity: a flat object, at most 50 properties and 4,096 bytes. */
export const activityProperties = z
  .record(text(1, 64), z.union([text(0, 1_000), z.number(), z.boolean(), z.null()]))
  .refine((properties) => Object.keys(properties).length <= 50, 'has at most 50 properties')
  .refine(
    (properties) => Buffer.byteLength(JSON.stringify(properties)) <= longestProperties,
    `has at most ${longestProperties} bytes`,
  )
  .meta({ id: 'ActivityProperties' });

/** What a visitor did, as the shop's pages report it; anonymous unless the report came with a token. */
export const ActivityRecorded = activity('analytics.activity-recorded', {
  summary: 'A visitor did something in the shop.',
  schema: z.strictObject({
    /** The same for a report that is sent again. */
    eventId: z.uuid(),
    type: activityType,
    sessionId: text(1, 100),
    customerId: text(1, 100).optional(),
    occurredAt: instant,
    properties: activityProperties,
  }),
  key: (data) => data.sessionId,
});
