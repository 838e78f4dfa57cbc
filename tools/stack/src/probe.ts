import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Certificates } from './certificates.ts';

const patience = 1_500;

/**
 * Sends `question` to a local port and resolves with the first data received; rejects after 1.5 s. With
 * certificates it connects by TLS.
 */
export function probe(
  port: number,
  question: Buffer | string,
  certificates?: Pick<Certificates, 'ca'>,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const at = { port, host: '127.0.0.1' };
    const socket = certificates
      ? connectTls({ ...at, ca: readFileSync(certificates.ca) })
      : connect(at);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(patience, () => fail(new Error(`port ${port} does not answer`)));
    socket.once('error', fail);
    socket.once(certificates ? 'secureConnect' : 'connect', () => socket.write(question));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer);
    });
    socket.once('close', () => fail(new Error(`port ${port} was closed without an answer`)));
  });
}
