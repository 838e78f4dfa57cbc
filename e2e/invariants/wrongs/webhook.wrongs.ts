import { type Wrong, wrongsOf } from './wrong.ts';

/** What webhooks were told of. */
export const webhookWrongs: readonly Wrong[] = wrongsOf(
  'notification',
  'webhook_deliveries',
  [
    'a webhook is told of an announcement twice',
    `drop index if exists webhook_deliveries_of_message;
     insert into webhook_deliveries select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid()))).*
       from webhook_deliveries d`,
  ],
  [
    'a delivery waits for a webhook that is disabled or gone',
    `update webhook_deliveries set status = 'pending', webhook_id = gen_random_uuid()`,
  ],
  [
    'a delivery waits without a job',
    `insert into webhook_deliveries select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(),
       'message_id', gen_random_uuid(), 'status', 'pending', 'webhook_id', gen_random_uuid()))).* from webhook_deliveries d`,
  ],
  ['a webhook was not told of an announcement', 'delete from webhook_deliveries'],
);
