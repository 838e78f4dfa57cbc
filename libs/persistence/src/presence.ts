/**
 * SQL that is true while the process named by `name` holds the connection by which it shows that it lives. That
 * ends at once when the process does, however it ends; one that only stands still keeps it.
 */
export const isPresent = (name: string): string => `exists (
  select from pg_locks k where k.locktype = 'advisory' and k.granted and k.objsubid = 1
    and k.database = (select d.oid from pg_database d where d.datname = current_database())
    and ((k.classid::bigint << 32) | k.objid::bigint) = hashtextextended(${name}, 0)
)`;

/** SQL by which a connection begins to show that the process named by its parameter lives. */
export const showPresence = 'select pg_advisory_lock_shared(hashtextextended($1, 0))';
