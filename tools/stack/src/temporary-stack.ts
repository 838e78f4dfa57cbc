import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { openStack, type Stack } from './stack.ts';

// Plain Node runs it, so this is always the build, even when this module runs from source.
const reaper = join(dirname(fileURLToPath(import.meta.url)), '../dist/reaper.js');

/** A stack for a test: it is removed when the process ends, however that ends. */
export interface TemporaryStack {
  readonly stack: Stack;
  /** Ends all servers and removes the folder; call it last. */
  remove(): Promise<void>;
}

/** Opens a stack in a temporary folder; start its servers with `freePorts`. */
export function temporaryStack(): TemporaryStack {
  const folder = mkdtempSync(join(tmpdir(), 'waybill-stack-'));
  // When tests run as root, some servers run as users of their own.
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
