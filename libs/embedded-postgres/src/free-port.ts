import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another program listens on the port. */
export class PortInUse extends Error {
  readonly code = 'port_in_use';
  constructor(port: number) {
    super(`port ${port} is in use by another program: choose another port, or stop that program`);
    this.name = 'PortInUse';
  }
}

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): such a connection could
 * take a port between the moment it is found free and the moment its user listens.
 */
const [lowest, highest] = [20_000, 32_767];
const attempts = 100;

/** Milliseconds for which a port that was found is not found again, at least: a system of many processes needs a while to listen. */
const keptFor = 120_000;
const folder = join(tmpdir(), 'waybill-ports');

/**
 * Resolves with `port` if it is free, or with any free port if it is 0; otherwise throws `PortInUse`. Two systems that start at the
 * same time find different ports.
 */
export async function freePort(port: number): Promise<number> {
  if (port !== 0) return probe(port);
  for (let left = attempts; ; left -= 1) {
    const found = randomInt(lowest, highest + 1);
    const tried = (await keep(found))
      ? await probe(found).catch((error: unknown) => error)
      : new PortInUse(found);
    if (typeof tried === 'number') return tried;
    if (left <= 1 || !(tried instanceof PortInUse)) throw tried;
  }
}

/**
 * False if somebody has found the port a moment ago. Files of one period stand in one folder, which is never written again when
 * the period is over. A finder writes its own file before it looks for one of the neighbouring periods, so of two that find the
 * same port at the turn of a period at least one sees the other.
 */
async function keep(port: number): Promise<boolean> {
  const period = Math.floor(Date.now() / keptFor);
  const fileOf = (of: number) => join(folder, String(of), String(port));
  try {
    const created = await mkdir(join(folder, String(period)), { recursive: true });
    if (created) await forgetBefore(period - 1);
    await writeFile(fileOf(period), '', { flag: 'wx' });
  } catch (error) {
    // A machine without such a folder goes on without it.
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
  return ![period - 1, period + 1].some((neighbour) => existsSync(fileOf(neighbour)));
}

async function forgetBefore(period: number): Promise<void> {
  const old = (await readdir(folder)).filter((name) => !(Number(name) >= period));
  await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

function probe(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port) : error),
    );
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () =>
      server.close(() => resolve(port)),
    );
  });
}
