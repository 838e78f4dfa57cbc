import { each, type Wrong, wrongsOf } from './wrong.ts';

const deferred = (reason: string): string =>
  `insert into parked (group_name, message_id, shard, key, channel, body, attempt, first_at, reason)
   values ('shipping', gen_random_uuid(), 0, 'k', 'c', '{}', 0, now(), '${reason}')`;

/** Violations in the messages of any service. */
export const messagingWrongs: readonly Wrong[] = [
  ...wrongsOf('shipping', 'outbox', [
    'a message waits in the outbox (1, such as stuck.message)',
    `insert into outbox (id, broker, lane, channel, key, body)
     values (gen_random_uuid(), 'nowhere', 0, 'c', 'k', '{"type":"stuck.message"}')`,
  ]),
  ...wrongsOf(
    'shipping',
    'parked',
    ...each(['asking', 'retry', 'redriven', 'behind'], (reason) => [
      'a message is deferred forever',
      deferred(reason),
    ]),
    ['the inbox and the deferred messages differ', deferred('newer')],
  ),
  ...wrongsOf('shipping', 'dead_letter', [
    'the inbox and the dead letters differ',
    `insert into dead_letter
       (id, group_name, message_id, shard, channel, body, attempts, code, error, first_at, at)
     values (gen_random_uuid(), 'shipping', gen_random_uuid(), 0, 'c', '{}', 1, 'x', 'x', now(), now())`,
  ]),
  ...wrongsOf('shipping', 'dead_letter_audit', [
    'a dead letter was discarded, but the inbox does not say so',
    `insert into dead_letter_audit (dead_letter_id, action, done_by, original)
     values (gen_random_uuid(), 'discarded', 'ops', jsonb_build_object('message_id', gen_random_uuid()))`,
  ]),
  ...wrongsOf(
    'shipping',
    'inbox',
    ['the inbox and the deferred messages differ', `update inbox set outcome = 'parked'`],
    ['the inbox and the dead letters differ', `update inbox set outcome = 'dead'`],
    [
      'it received messages whose cause was never committed by their sender',
      `update inbox set causation_id = gen_random_uuid()::text where type = 'shipping.book-shipment'`,
    ],
  ),
];
