/**
 * SQL that is true while the process named by `name` holds the connection that proves that it is alive. The connection
 * ends with the process, however it ends; a frozen process keeps it.
 */
export const isPresent = (name: string): string => `exists (
  select from pg_locks k where k.locktype = 'advisory' and k.granted and k.objsubid = 1
    and k.database = (select d.oid from pg_database d where d.datname = current_database())
    and ((k.classid::bigint << 32) | k.objid::bigint) = hashtextextended(${name}, 0)
)`;

/** SQL by which a connection starts to prove that the process named by its parameter is alive. */
export const showPresence = 'select pg_advisory_lock_shared(hashtextextended($1, 0))';
