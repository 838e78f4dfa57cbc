import { EventStore } from '@waybill/event-store';
import { poolOf } from '@waybill/persistence';
import { type Invariant, violation, violationsOf } from '@waybill/service';
import type { DataSource } from 'typeorm';
import { accounts } from './customer.entities.ts';

const checks: readonly Invariant[] = [
  {
    says: 'the e-mail address of an account belongs to another, or to none',
    sql: `SELECT a.id AS what FROM customer_accounts a LEFT JOIN email_owners o ON o.customer_id = a.id
      WHERE (a.email IS NULL) <> (o.email_hash IS NULL)`,
  },
  {
    says: 'an e-mail address or a password belongs to no account',
    sql: `SELECT o.customer_id AS what
      FROM (SELECT customer_id FROM email_owners UNION SELECT customer_id FROM credentials) o
      WHERE o.customer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM customer_accounts a WHERE a.id = o.customer_id)`,
  },
  {
    says: 'an erased account has a key, a password, a session, or anything personal',
    sql: `SELECT id AS what FROM customer_accounts WHERE status = 'erased' AND (
      num_nonnulls(email, email_domain, name) > 0 OR addresses <> '[]' OR locale <> 'en'
        OR id IN (SELECT subject FROM data_keys WHERE wrapped IS NOT NULL)
        OR id IN (SELECT customer_id FROM credentials UNION SELECT customer_id FROM sessions))`,
  },
  {
    says: 'the key of an account that is not erased is deleted',
    sql: `SELECT a.id AS what FROM customer_accounts a JOIN data_keys k ON k.subject = a.id
      WHERE a.status <> 'erased' AND k.wrapped IS NULL`,
  },
  {
    // The list follows the events a moment later: an account with one that it has yet to show may differ.
    says: 'the list of customers differs from the accounts',
    sql: `WITH serving AS (
        SELECT coalesce((SELECT generation FROM read_models WHERE name = 'customers'), 1) AS generation)
      SELECT coalesce(l.id, a.id) AS what FROM (SELECT * FROM customer_accounts WHERE status <> 'erased') a
        FULL JOIN (SELECT * FROM customer_list JOIN serving USING (generation)) l ON l.id = a.id
      WHERE (l.active, l.email_domain, l.locale) IS DISTINCT FROM (a.status = 'active', a.email_domain, a.locale)
        AND NOT EXISTS (SELECT FROM customer_events e WHERE e.stream_id = coalesce(l.id, a.id) AND e.position >
          coalesce((SELECT c.position FROM projection_checkpoint c JOIN serving USING (generation)
            WHERE c.name = 'customers'), 0))`,
  },
  {
    says: 'the positions of the events have a gap',
    sql: `SELECT position AS what FROM (SELECT position, row_number() OVER (ORDER BY position) AS place
      FROM customer_events) numbered WHERE position <> place ORDER BY position LIMIT 1`,
  },
];

/** The problems with the accounts, one sentence each; empty if all invariants hold. */
export async function customerInvariants(dataSource: DataSource): Promise<string[]> {
  const broken = await violationsOf('customer', dataSource, checks);
  const events = new EventStore({ stream: accounts, pool: poolOf(dataSource) });
  const unlike = (await events.verifyFold()).map(
    ({ streamId, properties }) => `${streamId} in ${properties.join(', ')}`,
  );
  if (unlike.length > 0)
    broken.push(violation('customer', 'folding the events gives another account', unlike));
  return broken;
}
