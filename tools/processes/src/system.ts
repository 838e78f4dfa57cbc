import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@waybill/service';
import { openStack, type Stack, defaultFolder as stackFolder } from '@waybill/stack';
import { type Command, wordsOf } from './arguments.ts';
import { givenEnvironment } from './environment.config.ts';
import { Environments } from './environments.ts';
import { planOf } from './plan.ts';
import { programOf } from './program.ts';
import { RunFolder } from './run-folder.ts';
import { Supervisor } from './supervisor.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** The folder, the brokers and the environments of one system of processes. */
export interface System {
  readonly folder: RunFolder;
  readonly brokers: string;
  readonly environments: Environments;
  readonly stack: Stack;
  /** The environment of this process. */
  readonly given: Environment;
}

/** Reads the environment for a command line; starts nothing. Throws for the embedded broker, which is limited to one process. */
export function systemOf(command: Command): System {
  const env = givenEnvironment();
  const brokers = command.brokers ?? (env['BROKERS'] || 'mixed');
  if (brokers.includes('embedded')) {
    throw new Error(
      `BROKERS=${brokers}: the embedded broker lives inside one process; use npm start for it, or name brokers that are servers`,
    );
  }
  const folder = new RunFolder(
    command.data ?? (env['WAYBILL_DATA'] || join(root, '.waybill', 'services')),
  );
  const stack = openStack(env['STACK_DATA'] || stackFolder);
  const environments = new Environments(env, stack, brokers);
  return { folder, brokers, environments, stack, given: env };
}

/**
 * Prepares and starts a system; resolves with its supervisor when it is ready. On an error, or when `stopped` is aborted,
 * it stops what it started and rejects.
 */
export async function startSystem(
  command: Command,
  { folder, brokers, environments }: System,
  say: (line: string) => void,
  stopped: AbortSignal,
): Promise<Supervisor> {
  const running = folder.running();
  if (running) throw new Error(`the services of ${folder.path} run already, at ${running.url}`);
  checkServers(environments);
  await folder.hold();
  try {
    const planned = await planOf(command, environments, folder);
    await prepareApart(command, say, stopped);
    const supervisor = new Supervisor({ folder, planned, brokers, say });
    await supervisor.start(stopped).catch(async (error) => {
      await supervisor.stop();
      throw error;
    });
    return supervisor;
  } catch (error) {
    folder.letGo();
    throw error;
  }
}

function checkServers(environments: Environments): void {
  if (environments.of('order')['DATABASE_URL']) return;
  throw new Error(
    'there are no servers to run on: start them by npm run stack -- up, or give DATABASE_URL and the addresses of the brokers',
  );
}

/** In a separate process, because it briefly needs the memory of all services. */
function prepareApart(
  command: Command,
  say: (line: string) => void,
  stopped: AbortSignal,
): Promise<void> {
  const main = programOf('processes');
  const child = spawn(process.execPath, [main, ...wordsOf(command, 'prepare')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: stopped,
  });
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) if (line !== '') say(line);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(errors.trim() || `prepare ended with ${code}`)),
    );
  });
}
