import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answering = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export const text =
  (body: string, status = 200): Answering =>
  (_, response) =>
    response.writeHead(status).end(body);

export const json = (body: unknown, status = 200): Answering => text(JSON.stringify(body), status);

/** A provider at an address of its own that answers as a test says. */
export class AnsweringProvider {
  answer: Answering = text('', 500);
  /** The method and path of each request. */
  readonly asked: string[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<AnsweringProvider> {
    const server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      provider.asked.push(`${request.method} ${request.url?.split('?')[0]}`);
      provider.answer(request, response, body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const provider = new AnsweringProvider(server, `http://127.0.0.1:${port}`);
    return provider;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
