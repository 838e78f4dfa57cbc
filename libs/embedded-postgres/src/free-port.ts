import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

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

/** Resolves with `port` if it is free, or with any free port if it is 0; otherwise throws `PortInUse`. */
export async function freePort(port: number): Promise<number> {
  if (port !== 0) return probe(port);
  for (let left = attempts; ; left -= 1) {
    const tried = await probe(randomInt(lowest, highest + 1)).catch((error: unknown) => error);
    if (typeof tried === 'number') return tried;
    if (left <= 1 || !(tried instanceof PortInUse)) throw tried;
  }
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
