import { Client } from 'pg';

const noSuchDatabase = '3D000';

/** Creates the database of a connection string if it does not exist and the user may create it; else does nothing. */
export async function ensureDatabase(url: string): Promise<void> {
  try {
    await asClient(url, async () => {});
  } catch (error) {
    if ((error as { code?: string }).code !== noSuchDatabase) throw error;
    const server = new URL(url);
    const name = decodeURIComponent(server.pathname.slice(1));
    server.pathname = '/postgres';
    await asClient(server.href, (client) =>
      client.query(`create database ${client.escapeIdentifier(name)}`),
    );
  }
}

async function asClient(url: string, use: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
