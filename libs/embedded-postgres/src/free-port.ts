import { createServer } from 'node:net';

/** Another program listens on the port. */
export class PortInUse extends Error {
  readonly code = 'port_in_use';
  constructor(port: number) {
    super(`port ${port} is in use by another program: choose another port, or stop that program`);
    this.name = 'PortInUse';
  }
}

/** Resolves with `port` if it is free, or with any free port if it is 0; otherwise throws `PortInUse`. */
export function freePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUse(port) : error),
    );
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address ? address.port : port;
      probe.close(() => resolve(found));
    });
  });
}
