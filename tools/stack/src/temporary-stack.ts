import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openStack, type Stack } from './stack.ts';

// Plain Node runs it, so it is always the build, also where we are run from sources.
const reaper = join(dirname(fileURLToPath(import.meta.url)), '../dist/reaper.js');

/** A stack for a test: nothing of it is left when its process ends, however that ends. */
export interface TemporaryStack {
  readonly stack: Stack;
  /** Ends all servers and removes the folder; call it as the last thing. */
  remove(): Promise<void>;
}

/** Opens a stack in a temporary folder of its own; start its servers with `freePorts`. */
export function temporaryStack(): TemporaryStack {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-stack-'));
  // Some servers run as users of their own where tests run as root.
  chmodSync(folder, 0o755);
  const child = spawn(process.execPath, [reaper, folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.unref();
  (child.stdin as unknown as { unref(): void }).unref();
  return {
    stack: openStack(folder),
    remove: () => {
      child.ref();
      child.stdin.end();
      return gone;
    },
  };
}
