import process from 'node:process';
import type { Writable } from 'node:stream';

/**
 * Sends what is written to a socket in one turn together, for clients that write each message alone: with
 * `noDelay` each write would be a system call and a packet of its own, and the server would wake for each.
 */
export function gatherWrites(socket: Writable): void {
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean;
  socket.write = (...parameters: unknown[]) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(() => socket.uncork());
    }
    return write(...parameters);
  };
}
