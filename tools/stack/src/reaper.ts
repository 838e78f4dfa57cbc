/** `node reaper.js <folder>`: waits for the end of its input, which its parent's end closes, then ends and removes a stack. */
import { rmSync } from 'node:fs';
import process from 'node:process';
import { openStack } from './stack.ts';

const folder = process.argv[2];
if (folder === undefined) throw new Error('which folder?');
// Ctrl-C is for the tests; this process waits for their end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.resume();
await new Promise((resolve) => process.stdin.once('close', resolve));
await openStack(folder).reset();
rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
process.exit(0);
