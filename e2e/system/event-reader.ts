import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Answer, Client } from './client.ts';
import { patient } from './patience.config.ts';

/** Milliseconds: longer than a healthy stream is silent. */
const silence = patient(45_000);

export interface StreamedEvent<T> {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: T;
}

/** Reads a stream of server-sent events as they arrive. */
export class EventReader<T> {
  readonly events: StreamedEvent<T>[] = [];
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

  /** Resolves when the stream is open or was refused. With a body it is a POST. */
  static open<T>(
    client: Client,
    path: string,
    { headers = {}, json }: { headers?: Readonly<Record<string, string>>; json?: object } = {},
  ): Promise<EventReader<T>> {
    return new Promise((resolve, reject) => {
      const method = json ? 'POST' : 'GET';
      const sent = request(`${client.url}${path}`, {
        method,
        agent: false,
        headers: {
          accept: 'text/event-stream',
          ...(client.token === null ? {} : { authorization: `Bearer ${client.token}` }),
          ...(json ? { 'content-type': 'application/json' } : {}),
          ...headers,
        },
      });
      sent.once('error', reject);
      // A healthy stream sends a comment every 15 seconds.
      sent.setTimeout(silence, () => sent.destroy(new Error(`nothing came of ${path}`)));
      sent.once('response', (answer) => {
        const reader = new EventReader<T>(sent, answer);
        const done = (): void => {
          try {
            client.options.watch?.(method, path, reader.begun());
            resolve(reader);
          } catch (error) {
            sent.destroy();
            reject(error);
          }
        };
        if (answer.statusCode === 200) done();
        else answer.once('end', done);
      });
      sent.end(json && JSON.stringify(json));
    });
  }

  close(): void {
    this.sent.destroy();
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
      this.events.push({ id: fields.get('id'), event, data: JSON.parse(data) });
    }
  }
}
