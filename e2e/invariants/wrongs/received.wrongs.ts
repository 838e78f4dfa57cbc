import { each, type Wrong, wrongsOf } from './wrong.ts';

const forget = (type: string): string => `delete from inbox where type = '${type}'`;
/** A second copy of an e-mail, optionally with another template. */
const again = (template = 'template'): string =>
  `insert into deliveries
   select id || '!', order_id, ${template}, recipient, status, news, at, version from deliveries
   where template = 'order-confirmed'`;

/** What notification and analytics received about orders and derived from it. */
export const receivedWrongs: readonly Wrong[] = [
  ...wrongsOf(
    'notification',
    'deliveries',
    ['was delivered more than once', again()],
    ['was confirmed and rejected', again(`'order-rejected'`)],
    ['is queued, but has no job', `update deliveries set status = 'queued'`],
  ),
  ...wrongsOf('notification', 'inbox', [
    'orders with news and those that customers were written about differ',
    forget('order.announced'),
  ]),
  ...wrongsOf(
    'analytics',
    'order_counts',
    ...each(['placed', 'confirmed', 'rejected', 'cancelled', 'revenue'], (count) => [
      `analytics: ${count} is`,
      `update order_counts set ${count} = ${count} + 1`,
    ]),
  ),
  ...wrongsOf(
    'analytics',
    'region_sales',
    ...each(['orders', 'revenue'], (sum) => [
      'announcements tell of',
      `update region_sales set ${sum} = ${sum} + 1`,
    ]),
  ),
  ...wrongsOf(
    'analytics',
    'inbox',
    ['placed orders and those that analytics received differ', forget('order.placed')],
    [
      'placed orders and those that analytics received differ',
      `insert into inbox select group_name, gen_random_uuid(), key, type, source, correlation_id, causation_id,
         channel, broker, attempt, outcome, at, duration_ms from inbox where type = 'order.placed'`,
    ],
    ['confirmed orders and those that analytics received differ', forget('order.confirmed')],
    ['rejected orders and those that analytics received differ', forget('order.rejected')],
    ['cancelled orders and those that analytics received differ', forget('order.cancelled')],
    ['confirmed orders and those whose region was counted differ', forget('order.announced')],
  ),
];
