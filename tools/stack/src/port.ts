import { setTimeout as pause } from 'node:timers/promises';
import { freePort, PortInUse } from '@waybill/embedded-postgres';
import { holderOf } from './port-holder.ts';

/** Ports by their role; `main` is the one that clients use. */
export type Ports = Readonly<Record<string, number>>;

/** Another process listens on a port that a server needs; the message names it and what to do. */
export class PortTaken extends Error {
  readonly code = 'port_taken';
  constructor(server: string, role: string, port: number, holder: string | undefined) {
    const option = role === 'main' ? server : `${server}.${role}`;
    super(
      `port ${port} is in use${holder ? ` by ${holder}` : ''}: ` +
        `choose another with STACK_PORTS=${option}=<port>, or a free one with --free-ports`,
    );
    this.name = 'PortTaken';
  }
}

/**
 * Parses `kafka=9092,rabbitmq.management=9001`: the main port of a server shifts its other ports by the same offset,
 * unless they are named too. Throws a one-line error.
 */
export function parsePorts(text: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const part of text.split(',').filter((each) => each.trim() !== '')) {
    const match = /^\s*([a-z-]+(?:\.[a-z]+)?)=(\d+)\s*$/.exec(part);
    const port = Number(match?.[2]);
    if (!match?.[1] || port < 1 || port > 65_535) {
      throw new Error(`"${part}" is not a port: write <server>=<port>, such as kafka=9092`);
    }
    found.set(match[1], port);
  }
  return found;
}

/** The ports of a server: the requested ones, else those it had before, else the defaults. */
export function chosenPorts(
  server: string,
  defaults: Ports,
  asked: ReadonlyMap<string, number>,
  before: Ports = {},
): Ports {
  const main = asked.get(server);
  const offset = main === undefined ? 0 : main - (defaults['main'] ?? main);
  const entries = Object.entries(defaults).map(([role, port]) => {
    const named = role === 'main' ? main : asked.get(`${server}.${role}`);
    if (named !== undefined) return [role, named] as const;
    return [role, main === undefined ? (before[role] ?? port) : port + offset] as const;
  });
  return Object.fromEntries(entries);
}

/** Throws `PortTaken` for the first port that is in use. */
export async function requireFree(server: string, ports: Ports): Promise<void> {
  for (const [role, port] of Object.entries(ports)) {
    if (!(await becomesFree(port))) throw new PortTaken(server, role, port, holderOf(port));
  }
}

/** A killed process may hold its port for a moment after it has gone. */
async function becomesFree(port: number): Promise<boolean> {
  const deadline = performance.now() + 1_000;
  while (!(await isFree(port))) {
    if (performance.now() >= deadline) return false;
    await pause(50);
  }
  return true;
}

/** A free port for each role, outside the range of outgoing connections, which could take it while the server is down. */
export async function freePorts(roles: readonly string[]): Promise<Ports> {
  const found = new Map<string, number>();
  while (found.size < roles.length) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const role = roles[found.size] as string;
    if (![...found.values()].includes(port) && (await isFree(port))) found.set(role, port);
  }
  return Object.fromEntries(found);
}

async function isFree(port: number): Promise<boolean> {
  try {
    await freePort(port);
    return true;
  } catch (error) {
    if (error instanceof PortInUse) return false;
    throw error;
  }
}
