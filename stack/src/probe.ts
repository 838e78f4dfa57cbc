import { connect } from 'node:net';

const patience = 1_500;

/** Sends `question` to a port of this machine and resolves with what comes back first; rejects after 1.5 s. */
export function ask(port: number, question: Buffer | string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(patience, () => fail(new Error(`port ${port} does not answer`)));
    socket.once('error', fail);
    socket.once('connect', () => socket.write(question));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer);
    });
    socket.once('close', () => fail(new Error(`port ${port} was closed without an answer`)));
  });
}
