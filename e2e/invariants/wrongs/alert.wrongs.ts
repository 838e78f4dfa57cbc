import { type Wrong, wrongsOf } from './wrong.ts';

const alert = (state: string, times: string): string =>
  `insert into alerts (id, rule, severity, service, check_name, unit, state, started_at, last_seen_at, acknowledged_at, resolved_at)
   values (gen_random_uuid(), 'channel-depth', 'ticket', 'order', gen_random_uuid()::text, 'messages', '${state}', now(), now(), ${times})`;

/** What operators are told. */
export const alertWrongs: readonly Wrong[] = wrongsOf(
  'notification',
  'alerts',
  ['an alert is acknowledged by nobody, or before it began', alert('acknowledged', 'now(), null')],
  ['an alert was resolved before it began', alert('resolved', `null, now() - interval '1 hour'`)],
);
