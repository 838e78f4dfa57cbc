import type { Queryable, StoredEvent } from '@waybill/event-store';
import type { AccountEvent } from '../domain/account.events.ts';

/** What a batch of events changes of one row; what is undefined stays as it is. */
interface RowChange {
  /** When the row was made, if this batch makes it. */
  readonly registeredAt?: string;
  readonly active?: boolean;
  readonly email?: string | null;
  readonly emailDomain?: string | null;
  readonly name?: string | null;
  readonly locale?: string;
  readonly isGone?: boolean;
}

/**
 * Applies events to the rows of a generation, in three statements for however many: a round trip for each would be slower than the
 * events come while the process is busy.
 */
export async function applyAll(
  client: Queryable,
  events: readonly StoredEvent<AccountEvent>[],
  generation: number,
): Promise<void> {
  const changes = new Map<string, RowChange>();
  for (const { streamId, event, at } of events)
    changes.set(streamId, { ...changes.get(streamId), ...changeBy(event, at) });
  const left = [...changes].filter(([, { isGone }]) => !isGone);
  const made = left.filter(([, { registeredAt }]) => registeredAt !== undefined);
  const changed = left.filter(([, { registeredAt }]) => registeredAt === undefined);
  const gone = [...changes].flatMap(([id, { isGone }]) => (isGone ? [id] : []));
  if (made.length > 0) await client.query(insert, [generation, ...columnsOf(made)]);
  if (changed.length > 0) await client.query(update, [generation, ...columnsOf(changed)]);
  if (gone.length > 0)
    await client.query('DELETE FROM customer_list WHERE generation = $1 AND id = ANY($2)', [
      generation,
      gone,
    ]);
}

const given = `unnest($2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
  AS g (id, active, email, email_domain, name, locale, registered_at)`;
const insert = `INSERT INTO customer_list (generation, id, active, email, email_domain, name, locale, registered_at)
  SELECT $1, g.* FROM ${given}`;
const update = `UPDATE customer_list l SET active = coalesce(g.active, l.active), email = coalesce(g.email, l.email),
  email_domain = coalesce(g.email_domain, l.email_domain), locale = coalesce(g.locale, l.locale)
  FROM ${given} WHERE l.generation = $1 AND l.id = g.id`;

function columnsOf(rows: readonly (readonly [string, RowChange])[]): unknown[][] {
  const column = (of: keyof RowChange) => rows.map(([, change]) => change[of] ?? null);
  const names = ['active', 'email', 'emailDomain', 'name', 'locale', 'registeredAt'] as const;
  return [rows.map(([id]) => id), ...names.map(column)];
}

function changeBy(event: AccountEvent, at: string): RowChange {
  switch (event.type) {
    case 'registered': {
      const { email, emailDomain, name, locale } = event.data;
      return { registeredAt: at, active: true, email, emailDomain, name, locale };
    }
    case 'email-changed':
      return { email: event.data.email, emailDomain: event.data.emailDomain };
    case 'preferences-changed':
      return { locale: event.data.locale };
    case 'deactivated':
    case 'reactivated':
      return { active: event.type === 'reactivated' };
    case 'erased':
      return { isGone: true };
    case 'address-added':
    case 'address-changed':
    case 'address-removed':
      return {};
  }
}
