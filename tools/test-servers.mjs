/** The servers of one run of `npm test`: on free ports, in a temporary folder, removed when this process ends. */
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import {
  canInstall,
  installPrograms,
  missingPrograms,
  openStack,
  temporaryStack,
} from './stack/dist/index.js';

/** Installs missing servers where that is allowed; returns those that are still missing, with the reason. */
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

/** Installs missing programs where that is allowed; returns those that are still missing, with the reason. */
export async function whichProgramsAreMissing(names) {
  const missing = missingPrograms(names);
  const asked = missing.map(({ program, reason }) => ({ server: program, reason }));
  if (missing.length === 0 || !(await mayInstall(asked))) return missing;
  try {
    await installPrograms(
      missing.map(({ program }) => program),
      console.log,
    );
  } catch (error) {
    console.error(error.message);
  }
  return missingPrograms(names);
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

/** Starts servers in the background. `ready` resolves with those that failed to start and the environment for specs. */
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
  // Without DATABASE_URL: specs that need a database request one of a service from the stack.
  const { DATABASE_URL: _, ...addresses } = stack.environment();
  return { troubles, versions, environment: { ...addresses, STACK_DATA: stack.folder } };
}
