import { entityDrift, type Stored } from '@waybill/persistence';
import { testDatabase } from './test-database.ts';

/**
 * Where the states, journals and entities of a service differ from a database that its migrations made, one line
 * each; empty when all agree.
 */
export async function schemaDrift(service: Stored): Promise<string[]> {
  const database = await testDatabase(service);
  try {
    const { tables, journals = [] } = service;
    return await entityDrift(database.dataSource, [...tables, ...journals]);
  } finally {
    await database.close();
  }
}
