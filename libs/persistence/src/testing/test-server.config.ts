import process from 'node:process';

/** The server for the tests; if unset, each test process starts its own. */
export const testServerUrl = process.env['TEST_DATABASE_URL'];
