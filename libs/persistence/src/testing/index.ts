export { eventually } from './eventually.ts';
export { schemaChanges } from './schema-changes.ts';
export { type TestDatabase, type TestDatabaseOptions, testDatabase } from './test-database.ts';
export { type TestServer, testServer } from './test-server.ts';
