export {
  schemaChanges,
  type TestDatabase,
  type TestDatabaseOptions,
  type TestServer,
  testDatabase,
  testServer,
} from '@waybill/persistence/testing';
