/**
 * The servers of one run of `npm test`: brought up on free ports, in a temporary folder, by a process of its own
 * that outlives this one just long enough to end them, however this one ends.
 */
import { fork } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { canInstall, openStack, serverNames } from '../stack/dist/index.js';

const keeper = fileURLToPath(new URL('./test-servers-keeper.mjs', import.meta.url));

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
  const child = fork(keeper, names, {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = new Promise((resolve) => {
    child.once('message', resolve);
    const reason = 'the process that keeps the servers has ended';
    void ended.then(() =>
      resolve({
        troubles: names.map((server) => ({ server, reason })),
        environment: {},
        versions: {},
      }),
    );
  });
  return {
    ready,
    end: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** For a run that needs none. */
export const noServers = {
  ready: Promise.resolve({ troubles: [], environment: {}, versions: {} }),
  end: async () => {},
};

export { serverNames };
