import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Answer, Client, OrderView } from './client.ts';
import { eventually } from './eventually.ts';
import { patient } from './patience.config.ts';

/** Milliseconds: longer than a healthy stream is silent. */
const silence = patient(45_000);

export interface StreamedOrder {
  readonly id: number;
  readonly event: string;
  readonly order: OrderView;
}

/** Reads the event stream of an order as it arrives. */
export class OrderStreamReader {
  readonly events: StreamedOrder[] = [];
  /** True once the server has ended the stream in order. */
  ended = false;
  private rest = '';

  private constructor(
    private readonly sent: ClientRequest,
    readonly answer: IncomingMessage,
  ) {
    answer.setEncoding('utf8').on('data', (text: string) => this.take(text));
    answer.on('end', () => {
      this.ended = true;
    });
    // A server that dies cuts its streams; tests detect that by the missing events.
    answer.on('error', () => undefined);
    sent.on('error', () => undefined);
  }

  /** Resolves when the stream is open or was refused. */
  static open(
    client: Client,
    orderId: string,
    { lastEventId, query = '' }: { lastEventId?: string; query?: string } = {},
  ): Promise<OrderStreamReader> {
    return new Promise((resolve, reject) => {
      const path = `/api/v1/orders/${orderId}/stream${query}`;
      const sent = request(`${client.url}${path}`, {
        agent: false,
        headers: {
          accept: 'text/event-stream',
          ...(client.token === null ? {} : { authorization: `Bearer ${client.token}` }),
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
      });
      sent.once('error', reject);
      // A healthy stream sends a comment every 15 seconds.
      sent.setTimeout(silence, () => sent.destroy(new Error(`nothing came of ${path}`)));
      sent.once('response', (answer) => {
        const reader = new OrderStreamReader(sent, answer);
        const done = (): void => {
          try {
            client.options.watch?.('GET', path, reader.begun());
            resolve(reader);
          } catch (error) {
            sent.destroy();
            reject(error);
          }
        };
        if (answer.statusCode === 200) done();
        else answer.once('end', done);
      });
      sent.end();
    });
  }

  /** The response so far: the head of a stream, or all of a refusal. */
  private begun(): Answer<unknown> {
    const { statusCode = 0, headers } = this.answer;
    const text = statusCode === 200 ? '' : this.rest;
    return {
      status: statusCode,
      headers: new Headers(headers as Record<string, string>),
      bytes: Buffer.from(text),
      body: text ? JSON.parse(text) : undefined,
    };
  }

  get ids(): number[] {
    return this.events.map(({ id }) => id);
  }

  /** Resolves with the last event once a version has arrived. */
  reaches(version: number, within = patient(10_000)): Promise<StreamedOrder> {
    return eventually(`version ${version} streams`, async () => this.at(version), within);
  }

  /** Resolves with the event once the order has a status. */
  reachesStatus(status: string): Promise<StreamedOrder> {
    return eventually(`${status} streams`, async () =>
      this.events.find(({ order }) => order.status === status),
    );
  }

  close(): void {
    this.sent.destroy();
  }

  private at(version: number): StreamedOrder | undefined {
    return this.events.find(({ id }) => id === version);
  }

  private take(text: string): void {
    const parts = `${this.rest}${text}`.split('\n\n');
    this.rest = parts.pop() ?? '';
    for (const part of parts) {
      const fields = new Map(
        part
          .split('\n')
          .map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const event = fields.get('event') ?? '';
      this.events.push({ id: Number(fields.get('id')), event, order: JSON.parse(data) });
    }
  }
}
