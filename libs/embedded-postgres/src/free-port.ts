import { randomInt } from 'node:crypto';
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
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

/** Milliseconds for which a port that was found is found by no other process: a system of many processes needs a while to listen. */
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

/** False if another process has found the port a moment ago. A machine without such a folder goes on without it. */
async function keep(port: number): Promise<boolean> {
  const file = join(folder, String(port));
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(file, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
  }
  const { mtimeMs } = await stat(file);
  if (Date.now() - mtimeMs < keptFor) return false;
  await utimes(file, new Date(), new Date());
  return true;
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
