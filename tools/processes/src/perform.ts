import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import process from 'node:process';
import { end, signalTo } from '@waybill/local-files';
import { type Command, Misuse, wordsOf } from './arguments.ts';
import { aborted, onSignal } from './interrupt.ts';
import { programOf } from './program.ts';
import type { RunRecord } from './run-folder.ts';
import { look, statusTable } from './status.ts';
import { type System, startSystem, systemOf } from './system.ts';
import { up } from './up.ts';
import { Waiting } from './waiting.ts';

const longestStop = 40_000;
/** The exit code of an interrupted command. */
const interrupted = 130;
const say = (line: string): void => console.log(line);

/** Executes a command line; resolves with the exit code. */
export async function perform(command: Command): Promise<number> {
  const system = systemOf(command);
  switch (command.action) {
    case 'start':
      return start(command, system);
    case 'stop':
      return stop(system);
    case 'status':
      return status(system);
    case 'kill':
      return kill(command, system);
    case 'logs':
      return logs(command, system);
    case 'prepare': {
      const { prepare } = await import('./prepare.ts');
      const hint = '  the servers of this machine are started by npm run stack -- up';
      await prepare(system.environments, say, new Waiting(say, hint));
      return 0;
    }
    case 'up':
      return up(command, system);
    case 'supervise':
      return supervise(command, system);
  }
}

/** Starts a detached supervisor and waits until it reports that the system is ready. */
async function start(command: Command, { folder }: System): Promise<number> {
  folder.make();
  const log = openSync(folder.logFile('supervisor'), 'a', 0o600);
  const main = programOf('processes');
  const child = spawn(process.execPath, [main, ...wordsOf(command, 'supervise')], {
    stdio: ['ignore', log, log, 'ipc'],
    detached: true,
  });
  closeSync(log);
  const stopped = onSignal(
    () => {
      console.error('stopping');
      child.kill('SIGTERM');
    },
    () => child.kill('SIGKILL'),
  );
  const code = await new Promise<number>((resolve) => {
    child.on('message', (told: { line?: string; ready?: string; failed?: string }) => {
      if (told.line !== undefined) say(told.line);
      if (told.failed !== undefined && !stopped.aborted) console.error(told.failed);
      if (told.ready !== undefined) {
        say(`\nthe system runs at ${told.ready}; what each process writes is in ${folder.path}`);
        resolve(0);
      }
    });
    child.once('exit', () => resolve(stopped.aborted ? interrupted : 1));
  });
  if (child.connected) child.disconnect();
  child.unref();
  return code;
}

/** The supervisor process: runs the system until a signal. */
async function supervise(command: Command, system: System): Promise<number> {
  const tell = (message: object): void => {
    if (process.connected) process.send?.(message, () => {});
  };
  const noteAndTell = (line: string): void => {
    say(`${new Date().toISOString()} ${line}`);
    tell({ line });
  };
  const stopped = onSignal(
    () => say(`${new Date().toISOString()} stopping`),
    () => {},
  );
  try {
    const supervisor = await startSystem(command, system, noteAndTell, stopped);
    tell({ ready: supervisor.url });
    await aborted(stopped);
    await supervisor.stop();
    return 0;
  } catch (error) {
    await new Promise((resolve) => {
      const failed = (error as Error).message;
      if (process.connected) process.send?.({ failed }, resolve);
      else resolve(undefined);
    });
    return 1;
  }
}

async function stop({ folder }: System): Promise<number> {
  const record = folder.read();
  if (!record) {
    say('nothing ran');
    return 0;
  }
  await end(record.supervisor, [
    ['SIGTERM', longestStop],
    ['SIGKILL', 5_000],
  ]);
  // Processes end with their supervisor, unless they are frozen.
  for (const run of record.runs) {
    if (run.process) {
      await end(run.process, [
        ['SIGTERM', 11_000],
        ['SIGKILL', 5_000],
      ]);
    }
  }
  folder.clear();
  say('stopped');
  return 0;
}

/** Exit code 0 when every process is ready, else 1. */
async function status({ folder }: System): Promise<number> {
  const record = folder.running();
  if (!record) {
    say('no services run here: npm run services -- start');
    return 1;
  }
  const seen = await look(record);
  say(`${record.url}, BROKERS=${record.brokers}\n\n${statusTable(seen)}`);
  return seen.every(({ state }) => state === 'ready') ? 0 : 1;
}

async function kill(command: Command, system: System): Promise<number> {
  const runs = runsOf(command, system).filter((run) => run.process);
  for (const { instance, process: running } of runs) {
    if (!running) continue;
    signalTo(running, 'SIGKILL');
    say(`${instance} (process ${running.pid}) was killed; it is started again`);
  }
  return runs.length > 0 ? 0 : 1;
}

async function logs(command: Command, system: System): Promise<number> {
  const files = runsOf(command, system)
    .map(({ instance }) => system.folder.logFile(instance))
    .filter((file) => existsSync(file));
  const child = spawn('tail', ['-n', '100', ...(command.follow ? ['-F'] : []), ...files], {
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 0)));
}

/** All processes of a service, or the named one; throws when there is none. */
function runsOf({ target }: Command, { folder }: System): readonly RunRecord[] {
  const record = folder.read();
  if (!record) throw new Error('no services run here: npm run services -- start');
  const found = record.runs.filter(({ name, instance }) => name === target || instance === target);
  if (found.length > 0) return found;
  const known = record.runs.map(({ instance }) => instance).join(', ');
  throw new Misuse(`no "${target}" runs here: there are ${known}`);
}
