/**
 * Cleans up after a test, however it ends: waits for the end of its input, which the end of the test process
 * causes too, then kills what still runs in the folder and removes the folder.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

const folder = process.argv[2];
const read = (...names) => {
  const file = join(folder, ...names);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

function kill(pid) {
  if (!Number.isInteger(pid) || pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has already ended.
  }
}

process.stdin.resume();
await new Promise((resolve) => process.stdin.once('close', resolve));
if (existsSync(folder)) {
  // A test may have removed the lock.
  const main = Number.parseInt(read('lock') || JSON.parse(read('running.json') || '{}').pid, 10);
  kill(main);
  // The sandboxes end with their parent; PostgreSQL does not.
  const postgres = Number.parseInt(read('postgres', 'postmaster.pid'), 10);
  kill(postgres);
  // For a system of processes: first the supervisor, which would restart the others, then processes that may be frozen.
  const { supervisor, runs = [] } = JSON.parse(read('system.json') || '{}');
  kill(supervisor?.pid);
  for (const run of runs) kill(run.process?.pid);
  for (let i = 0; i < 100 && (alive(main) || alive(postgres)); i += 1) await pause(50);
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
