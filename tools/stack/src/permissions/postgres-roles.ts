import { Client } from 'pg';
import type { Users } from '../users.ts';

/** Names and passwords are ours; the quoting is for reserved words such as `order`. */
const name = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Creates a role for each service, and a database that it owns and that other services cannot connect to. */
export async function furnishDatabases(adminUrl: string, users: Users): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const known = await client.query<{ name: string }>(
      'select rolname as name from pg_roles union all select datname from pg_database',
    );
    const exists = new Set(known.rows.map((row) => row.name));
    for (const service of users.withDatabase) {
      for (const statement of statementsFor(service, users.password(service), exists)) {
        await client.query(statement);
      }
    }
  } finally {
    await client.end();
  }
}

/** The statements that create a service's role and database where `exists` does not have them. */
export function statementsFor(
  service: string,
  password: string,
  exists: ReadonlySet<string>,
): string[] {
  const database = `waybill_${service}`;
  const verb = exists.has(service) ? 'alter' : 'create';
  return [
    `${verb} role ${name(service)} login nosuperuser nocreatedb nocreaterole password ${literal(password)}`,
    ...(exists.has(database) ? [] : [`create database ${name(database)} owner ${name(service)}`]),
    `revoke connect, temporary on database ${name(database)} from public`,
  ];
}
