import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@waybill/embedded-postgres';

/** Runs `measure` with a temporary PostgreSQL, for measurements without the system. */
export async function withPostgres<T>(
  measure: (fresh: (database: string) => Promise<string>, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-yardsticks-'));
  // PostgreSQL does not run as root: its user must be able to enter.
  chmodSync(folder, 0o755);
  const postgres = await EmbeddedPostgres.start({ dataDir: join(folder, 'postgres') });
  try {
    return await measure(async (database) => {
      await postgres.ensureDatabase(database);
      return postgres.url(database);
    }, folder);
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
