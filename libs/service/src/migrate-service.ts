import { migrate, storageSchema } from '@waybill/persistence';
import { hostConfig } from './config/host.config.ts';
import { type Environment, readSettings } from './config/read-settings.ts';
import { connect } from './open-storage.ts';
import type { ServiceDefinition } from './service-definition.ts';

/**
 * Brings the database of a service to what this release needs, under a lock that lets one do it at a time; starts
 * nothing. Resolves with the names of the migrations that ran. A deployed service never migrates itself.
 */
export async function migrateService<C>(
  definition: ServiceDefinition<C>,
  env: Environment,
): Promise<readonly string[]> {
  const [settings] = readSettings(definition.name, env, [hostConfig]);
  const dataSource = await connect(definition as ServiceDefinition, settings);
  try {
    return await migrate(dataSource, storageSchema(definition.tables, definition.journals));
  } finally {
    await dataSource.destroy();
  }
}
