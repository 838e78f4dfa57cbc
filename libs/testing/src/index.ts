export {
  type TestDatabase,
  type TestDatabaseOptions,
  type TestServer,
  testDatabase,
  testServer,
} from './test-database.ts';
