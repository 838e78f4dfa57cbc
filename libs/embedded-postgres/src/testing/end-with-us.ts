import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Starts a process that detects our end, even by kill -9, by the end of its input. It ends the server on `dataDir` and
 * removes `folder`. It checks which program the id in the file belongs to, because process ids are reused.
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
  // The server uses the real path of the folder, whatever link it was given.
  const real = join(realpathSync(dirname(dataDir)), basename(dataDir));
  const guardian = spawn('/bin/sh', ['-c', script, 'sh', real, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guardian.unref();
  (guardian.stdin as unknown as { unref(): void }).unref();
}
