import { WebSocket } from 'ws';
import type { Client, OrderView } from './client.ts';
import { eventually } from './eventually.ts';

/** A message of the server. */
export interface SocketMessage {
  readonly type: string;
  readonly room?: string;
  readonly id?: number;
  readonly code?: string;
  readonly clientId?: string;
  readonly message?: string;
  readonly from?: string;
  readonly order?: OrderView;
}

/** A WebSocket of one user that keeps what it receives. */
export class SocketClient {
  readonly messages: SocketMessage[] = [];
  private closedWith: number | null = null;

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as SocketMessage));
    socket.on('close', (code) => {
      this.closedWith = code;
    });
    socket.on('error', () => undefined);
  }

  /** Resolves once the server has greeted; `url` is that of the gateway to connect to, of which the ticket need not be. */
  static async open(client: Client, url = client.url): Promise<SocketClient> {
    const { body } = await client.post<{ ticket: string }>('/api/v1/ws/tickets', undefined);
    const address = `${url.replace('http', 'ws')}/ws?ticket=${body.ticket}`;
    const opened = new SocketClient(new WebSocket(address, ['waybill.v1'], { origin: url }));
    await opened.receives('connection_established');
    return opened;
  }

  /** Its id, by which others write to it. */
  get id(): string {
    return this.messages[0]?.clientId ?? '';
  }

  /** The code with which it was closed; null while it is open. */
  get closed(): number | null {
    return this.closedWith;
  }

  send(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Resolves with the first message of a type that fits. */
  receives(
    type: string,
    fits: (message: SocketMessage) => boolean = () => true,
  ): Promise<SocketMessage> {
    return eventually(`a message ${type}`, async () =>
      this.messages.find((message) => message.type === type && fits(message)),
    );
  }

  /** The versions of orders that came. */
  get versions(): readonly (number | undefined)[] {
    return this.messages.filter(({ type }) => type === 'order_updated').map(({ id }) => id);
  }

  end(): void {
    this.socket.terminate();
  }
}
