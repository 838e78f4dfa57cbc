/** The servers of one run of `npm test`: on free ports, in a temporary folder, gone when this process ends. */
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { canInstall, openStack, temporaryStack } from './stack/dist/index.js';

/** Installs what is missing of the servers, where that is allowed; answers those that cannot be had, with the reason. */
export async function whatIsMissing(names) {
  const stack = openStack();
  const missing = stack.missing(names);
  if (missing.length === 0 || !(await mayInstall(missing))) return missing;
  try {
    await stack.install(names, console.log);
  } catch (error) {
    console.error(error.message);
  }
  return stack.missing(names);
}

async function mayInstall(missing) {
  if (process.env.CI === 'true') return true;
  if (!canInstall() || !process.stdin.isTTY || !process.stdout.isTTY) return false;
  for (const { server, reason } of missing) console.log(`${server}: ${reason}`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question('Install this now, to test on real servers too? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** Begins to start servers. `ready` resolves with what did not start and with the environment for specs. */
export function startServers(names) {
  if (names.length === 0) {
    const nothing = { troubles: [], versions: {}, environment: {} };
    return { ready: Promise.resolve(nothing), end: async () => {} };
  }
  const { stack, remove } = temporaryStack();
  return { ready: ready(stack, names), end: remove };
}

async function ready(stack, names) {
  const troubles = await stack.up(names, { freePorts: true });
  const statuses = await stack.status(names);
  const versions = Object.fromEntries(statuses.map(({ name, version }) => [name, version]));
  // Databases are not for everybody: specs that use them ask the stack for those of a service.
  const { DATABASE_URL: _, ...addresses } = stack.environment();
  return { troubles, versions, environment: { ...addresses, STACK_DATA: stack.folder } };
}
