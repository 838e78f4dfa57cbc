import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.ts';
import { runningPostmaster } from '../embedded/postmaster.ts';
import { testServerUrl } from './test-server.config.ts';

/** A PostgreSQL for tests. */
export interface TestServer {
  url(database: string): string;
}

let server: Promise<TestServer> | undefined;

/**
 * The server of this test process: started on first use, found again by the next test files of the process,
 * ended with it however it ends. `TEST_DATABASE_URL` names another one.
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

/**
 * Starts a process that sees our end, even by kill -9, as the end of its input: it ends the server on `dataDir`
 * and removes `folder`. Process ids are used again, so it looks at what runs under the one in the file.
 */
export function endWithUs(dataDir: string, folder: string): void {
  const script = `cat >/dev/null
    ours() { [ -n "$pid" ] && ps -p "$pid" -o args= | grep -qF "$1"; }
    for round in 1 2 3; do
      pid=$(head -n 1 "$1/postmaster.pid")
      ours "$1" && kill -QUIT "$pid"
      n=0; while ours "$1" && [ $n -lt 40 ]; do n=$((n+1)); sleep 0.05; done
      rm -rf "$2"
      [ $round -lt 3 ] && sleep 0.5
    done`;
  // The server names the folder itself, whatever link it was given.
  const real = join(realpathSync(dirname(dataDir)), basename(dataDir));
  const guardian = spawn('/bin/sh', ['-c', script, 'sh', real, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guardian.unref();
  (guardian.stdin as unknown as { unref(): void }).unref();
}
