import { activity, event, instant, text } from '@waybill/message';
import { z } from 'zod';
import { protobuf } from './protobuf/protobuf.ts';
import { country, sku } from './values.ts';

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
    /** Of the address of the visitor, which is not kept. */
    country: country.optional(),
  }),
  codec: protobuf(
    ...['eventId', 'type', 'sessionId', 'customerId', 'occurredAt', 'properties', 'country'],
  ),
  key: (data) => data.sessionId,
});

const count = z.int().min(0);
const enriched = {
  eventId: z.uuid(),
  type: activityType,
  sessionId: text(1, 100),
  /** Its number in its session, beginning with 1. */
  number: z.int().min(1),
  occurredAt: instant,
  country: country.nullable(),
  /** The profile of a known visitor. */
  customer: z
    .strictObject({
      id: text(1, 100),
      locale: text(1, 20).nullable(),
      registeredAt: instant.nullable(),
    })
    .nullable(),
};

/** The numbers of the fields of `enriched` in protobuf. */
const enrichedNumbers = [
  ...['eventId', 'type', 'sessionId', 'number', 'occurredAt', 'country'],
  ...['customer', 'customer.id', 'customer.locale', 'customer.registeredAt'],
];

/** An activity with the profile of its visitor and its place in the session; each activity once. */
export const ActivityEnriched = event('enriched.activity', {
  summary: 'An activity, with the profile of its visitor and its place in the session.',
  schema: z.strictObject({ ...enriched, properties: activityProperties }),
  codec: protobuf(...enrichedNumbers, 'properties'),
  key: (data) => data.sessionId,
});

/** Which part of the shop a page is. */
export const pageCategory = z
  .enum(['home', 'product', 'search', 'cart', 'checkout', 'account', 'other'])
  .meta({ id: 'PageCategory' });

/** A customer, or an anonymous session. */
const visitor = text(1, 110);

/** An enriched activity with what the shop knows of its page, its product and its customer. */
export const ActivityProcessed = event('processed.activity', {
  summary: 'An activity, with what the shop knows of its page, product and customer.',
  schema: z.strictObject({
    ...enriched,
    /** `customer:<id>` or `session:<id>`. */
    visitor,
    /** So far nothing else happened in its session. */
    bounced: z.boolean(),
    page: z.strictObject({ path: text(1, 200), category: pageCategory }).nullable(),
    product: z.strictObject({ sku, category: text(0, 100).nullable() }).nullable(),
    /** What the customer spent in all confirmed orders, in minor units. */
    lifetimeValue: count.nullable(),
    /** What a purchase was reported to be worth, in minor units. */
    amount: count.nullable(),
  }),
  codec: protobuf(
    ...enrichedNumbers,
    ...['visitor', 'bounced', 'page', 'page.path', 'page.category'],
    ...['product', 'product.sku', 'product.category', 'lifetimeValue', 'amount'],
  ),
  key: (data) => data.visitor,
});

/** What a visitor did in a span of 60 seconds. */
const windowMetrics = z.strictObject({
  from: instant,
  to: instant,
  activities: count,
  pageViews: count,
  uniquePages: count,
  purchases: count,
  spend: count,
});

/** A session, from its first activity to its last one. */
const sessionMetrics = z.strictObject({
  from: instant,
  to: instant,
  customerId: text(1, 100).nullable(),
  country: country.nullable(),
  activities: count,
  pageViews: count,
  spend: count,
  entryPage: text(1, 200).nullable(),
  exitPage: text(1, 200).nullable(),
  pages: z
    .array(z.strictObject({ path: text(1, 200), category: pageCategory, views: count }))
    .max(30),
  types: z.array(z.strictObject({ type: activityType, times: count })).max(20),
});

/** Results of windows and sessions that have changed; the last one of a span counts, by the `sequence` of the key. */
export const MetricsComputed = event('analytics.metrics', {
  summary: 'What a visitor did by windows of 60 seconds, or in a session.',
  schema: z.strictObject({
    /** The visitor of windows, the id of the session of sessions. */
    key: visitor,
    windows: z.array(windowMetrics).max(1_000),
    sessions: z.array(sessionMetrics).max(1_000),
  }),
  key: (data) => data.key,
});

const due = { schema: z.strictObject({ key: visitor }), key: (data: { key: string }) => data.key };

/** Analytics to itself: the windows of a visitor have changed for long enough to publish them. */
export const WindowsDue = event('analytics.windows-due', {
  ...due,
  summary: 'The changed windows of a visitor are to be published.',
});

/** Analytics to itself: the sessions of a session id have changed for long enough to publish them. */
export const SessionsDue = event('analytics.sessions-due', {
  ...due,
  summary: 'The changed sessions of a visitor are to be published.',
});
