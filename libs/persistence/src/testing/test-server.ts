import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { EmbeddedPostgres, runningPostmaster } from '@waybill/embedded-postgres';
import { endWithUs } from '@waybill/embedded-postgres/testing';
import { testServerUrl } from './test-server.config.ts';

/** A PostgreSQL for tests. */
export interface TestServer {
  url(database: string): string;
}

let server: Promise<TestServer> | undefined;

/**
 * The server of this test process: started on first use, reused by the later test files of the process, and stopped
 * with it however it ends. `TEST_DATABASE_URL` selects another server.
 */
export function testServer(): Promise<TestServer> {
  server ??= testServerUrl ? Promise.resolve(given(testServerUrl)) : own();
  return server;
}

const given = (base: string): TestServer => ({
  url(database) {
    const url = new URL(base);
    url.pathname = `/${database}`;
    return url.href;
  },
});

async function own(): Promise<TestServer> {
  const folder = join(tmpdir(), `waybill-test-${process.pid}`);
  const dataDir = join(folder, 'data');
  if (existsSync(dataDir) && runningPostmaster(dataDir)) return EmbeddedPostgres.start({ dataDir });
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  endWithUs(dataDir, folder);
  return EmbeddedPostgres.start({ dataDir, durable: false });
}
