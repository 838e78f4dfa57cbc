import { Client } from 'pg';

/** How often the partitions of all groups of a service have changed their owner. */
export async function epochsOf(connectionString: string): Promise<number> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query(
      'select coalesce(sum(epoch), 0)::int as n from group_shard',
    );
    return rows[0].n;
  } finally {
    await client.end();
  }
}
