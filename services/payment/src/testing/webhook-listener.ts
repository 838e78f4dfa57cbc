import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderEvent } from '../domain/provider-event.ts';
import type { ProviderWebhooks } from '../http/provider-webhooks.ts';

/** Receives the webhooks of a provider, and reads those that it believes. */
export class WebhookListener {
  private readonly events: ProviderEvent[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(webhooks: () => ProviderWebhooks): Promise<WebhookListener> {
    const server = createServer(async (request, response) => {
      const rawBody = Buffer.concat(await request.toArray());
      const headers = request.headers as Record<string, string>;
      const given = { headers, rawBody, body: JSON.parse(rawBody.toString()) };
      const isSigned = webhooks().isSigned(given, new Date());
      const event = isSigned ? await webhooks().eventOf(given) : null;
      if (event) listener.events.push(event);
      response.writeHead(isSigned ? 204 : 401).end();
      server.emit('told');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const listener = new WebhookListener(server, `http://127.0.0.1:${port}/`);
    return listener;
  }

  /** Resolves with the events of a type about an order, once there are `count`. */
  async told(orderId: string, type: string, count: number): Promise<readonly ProviderEvent[]> {
    for (;;) {
      const found = this.events.filter((each) => each.orderId === orderId && each.type === type);
      if (found.length >= count) return found;
      await once(this.server, 'told');
    }
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
