import { connectDatabase, migrate } from '@waybill/persistence';
import { hostConfig } from './config/host.config.ts';
import { type Environment, readSettings } from './config/read-settings.ts';
import type { ServiceDeclaration } from './service-options.ts';

/**
 * Applies the pending migrations of a service, under a lock that admits one process at a time; starts nothing.
 * Resolves with the names of the migrations that ran. A deployed service never migrates itself.
 */
export async function migrateService(
  declaration: ServiceDeclaration,
  env: Environment,
): Promise<readonly string[]> {
  const [settings] = readSettings(declaration.name, env, [hostConfig]);
  const dataSource = await connectDatabase(declaration, {
    service: declaration.name,
    url: settings.databaseUrl,
    poolSize: settings.databasePool,
  });
  try {
    return await migrate(dataSource, declaration.tables);
  } finally {
    await dataSource.destroy();
  }
}
