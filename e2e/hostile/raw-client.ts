import { Agent, request } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Headers as they are sent: a list sends the same header several times. */
export type RawHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Sends targets, headers and bodies unchanged, including ones that other clients refuse. */
export class RawClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  /** Event streams are closed as soon as they begin. */
  send(
    method: string,
    target: string,
    headers: RawHeaders = {},
    body?: string,
  ): Promise<RawAnswer> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      const requested = request({
        ...{ agent: this.agent, hostname, port, method, path: target },
        headers: {
          authorization: `Bearer ${this.token}`,
          ...(body === undefined
            ? {}
            : {
                'content-type': 'application/json',
                'content-length': `${Buffer.byteLength(body)}`,
              }),
          ...headers,
        } as Record<string, string | string[]>,
      });
      requested.on('error', reject);
      requested.on('response', (answer) => {
        const status = answer.statusCode ?? 0;
        if (answer.headers['content-type']?.startsWith('text/event-stream')) {
          answer.destroy();
          resolve({ status, text: '' });
          return;
        }
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }));
      });
      requested.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
