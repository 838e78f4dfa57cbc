import process from 'node:process';

/** A server to run the tests on; unset: each test process starts one of its own. */
export const testServerUrl = process.env['TEST_DATABASE_URL'];
