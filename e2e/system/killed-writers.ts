import { Client } from 'pg';
import { eventually } from './eventually.ts';
import type { ProcessSystem } from './process-system.ts';
import { isAlive } from './test-system.ts';

/** What becomes of the transaction of a killed process. */
export type Fate = 'lost' | 'committed';

/** Kills analytics as soon as it writes to a table after `happens`: before its transaction, or after it and before the broker knows. */
export async function killWriterOf(
  table: string,
  fate: Fate,
  { system, happens }: { readonly system: ProcessSystem; readonly happens: () => Promise<void> },
): Promise<void> {
  const before = system.pid('analytics');
  const client = new Client({ connectionString: system.databases.analytics });
  await client.connect();
  try {
    await client.query(`begin; lock table ${table} in exclusive mode`);
    await happens();
    const writers = await eventually(`analytics writes to ${table}`, async () => {
      const { rows } = await client.query<{ pid: number }>(
        'select pid from pg_locks where relation = $1::regclass and not granted',
        [table],
      );
      return rows.length > 0 && rows.map(({ pid }) => pid);
    });
    await system.kill('analytics');
    await eventually('analytics is dead', async () => before === undefined || !isAlive(before));
    if (fate === 'lost') {
      await client.query('select pg_terminate_backend(pid) from unnest($1::int[]) as w(pid)', [
        writers,
      ]);
    }
    await client.query('commit');
  } finally {
    await client.end();
  }
  await system.restarted('analytics', 1, before);
}
