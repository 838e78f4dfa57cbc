import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import type { Command } from './arguments.ts';
import { installerHere } from './packages.ts';
import { serverNames } from './server-name.ts';
import { openStack, type Stack } from './stack.ts';
import { statusTable } from './status-table.ts';

const width = Math.max(...serverNames.map((name) => name.length));
const say = (server: string, line: string): void =>
  console.log(`${server.padEnd(width)}  ${line.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`);

/** Executes a command line; resolves with the exit code. */
export async function perform(command: Command): Promise<number> {
  const stack = openStack(command.data, command.cache);
  switch (command.action) {
    case 'up':
      return up(stack, command);
    case 'down':
    case 'reset':
      return end(stack, command);
    case 'status':
      return status(stack, command);
    case 'logs':
      return logs(stack, command);
    case 'env':
      return environment(stack, command);
    case 'install':
      await stack.install(command.servers, console.log);
      return 0;
  }
}

async function up(stack: Stack, command: Command): Promise<number> {
  if (command.install) {
    await stack
      .install(command.servers, console.log)
      .catch((error) => console.error(error.message));
  }
  tellOnInterrupt();
  const troubles = await stack.up(command.servers, {
    ports: command.ports,
    freePorts: command.freePorts,
    progress: say,
    ...(command.secure === undefined ? {} : { secure: command.secure }),
    ...(command.tls === undefined ? {} : { tls: command.tls }),
  });
  for (const { server, reason } of troubles) say(server, `NOT UP: ${reason}`);
  return troubles.length === 0 ? 0 : 1;
}

/** Servers outlive this process, so an early Ctrl-C prints how to end them. */
function tellOnInterrupt(): void {
  process.once('SIGINT', () => {
    console.error('\ninterrupted: what was started goes on; npm run stack -- down ends it');
    process.exit(130);
  });
}

async function end(stack: Stack, { action, servers }: Command): Promise<number> {
  const ended = action === 'reset' ? await stack.reset(servers) : await stack.down(servers);
  for (const name of ended) say(name, 'ended');
  if (action === 'reset') console.log(`data removed: ${servers.join(', ')}`);
  else if (ended.length === 0) console.log('nothing ran');
  return 0;
}

/** Exit code 0 when every requested server is up, else 1. */
async function status(stack: Stack, { servers }: Command): Promise<number> {
  const statuses = await stack.status(servers);
  console.log(statusTable(statuses, installerHere()));
  return statuses.every(({ state }) => state === 'up') ? 0 : 1;
}

async function logs(stack: Stack, { servers, follow }: Command): Promise<number> {
  const files = servers.map((name) => stack.logFile(name)).filter((file) => existsSync(file));
  if (files.length === 0) {
    console.error('nothing has been written yet');
    return 1;
  }
  const child = spawn('tail', ['-n', '100', ...(follow ? ['-F'] : []), ...files], {
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 0)));
}

function environment(stack: Stack, { service }: Command): number {
  const entries = Object.entries(stack.environment(service));
  if (entries.length === 0) {
    console.error('nothing was started here yet: npm run stack -- up');
    return 1;
  }
  for (const [name, value] of entries) console.log(`export ${name}='${value}'`);
  return 0;
}
