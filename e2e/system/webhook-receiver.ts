import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a receiver got. */
export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An endpoint on this machine that receives webhooks; `status` is what it answers next. */
export class WebhookReceiver {
  readonly received: ReceivedWebhook[] = [];
  status = 204;

  private constructor(
    readonly url: string,
    readonly close: () => void,
  ) {}

  static async open(): Promise<WebhookReceiver> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      receiver.received.push({
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(receiver.status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const receiver = new WebhookReceiver(`http://127.0.0.1:${port}/hook`, () => {
      server.closeAllConnections();
      server.close();
    });
    return receiver;
  }
}
