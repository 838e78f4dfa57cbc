/** `node test-servers-keeper.mjs <server...>`: starts servers, and ends them when whoever started it lets go of it. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { openStack } from '../stack/dist/index.js';

const names = process.argv.slice(2);
const released = new Promise((resolve) => process.once('disconnect', resolve));
// A Ctrl-C is for the tests; the end of their process is what ends the servers.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const folder = mkdtempSync(join(tmpdir(), 'waybill-stack-'));
// Some servers run as users of their own where tests run as root.
chmodSync(folder, 0o755);
const stack = openStack(folder);
try {
  const troubles = await stack.up(names, { freePorts: true });
  const statuses = await stack.status(names);
  const versions = Object.fromEntries(statuses.map(({ name, version }) => [name, version]));
  // Databases are not for everybody: specs that use them ask the stack for those of a service.
  const { DATABASE_URL: _, ...environment } = stack.environment();
  if (process.connected) {
    process.send({ troubles, versions, environment: { ...environment, STACK_DATA: folder } });
  }
  await released;
} finally {
  await stack.reset();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
process.exit(0);
