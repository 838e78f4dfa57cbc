import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy in front of a gateway, as nginx is with `$proxy_add_x_forwarded_for`: it adds the address of who sent a request. */
export class FrontProxy {
  private constructor(private readonly server: Server) {}

  /** Resolves when it listens; `to` is the URL of the gateway. */
  static async open(to: string): Promise<FrontProxy> {
    const server = createServer((request, response) => {
      const claimed = request.headers['x-forwarded-for'];
      const sender = String(request.socket.remoteAddress);
      const headers = {
        ...request.headers,
        'x-forwarded-for': claimed === undefined ? sender : `${claimed}, ${sender}`,
      };
      const onward = httpRequest(
        `${to}${request.url}`,
        { method: request.method, headers, agent: false },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FrontProxy(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
