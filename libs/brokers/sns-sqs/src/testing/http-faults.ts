import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request in transit: its AWS action, and its body as text. */
export interface Passing {
  readonly action: string;
  readonly body: string;
}

/** Replaces the server's response; null forwards the request. */
export type Change = (
  passing: Passing,
) => { readonly status: number; readonly body: string } | null;

/**
 * A proxy between a client and SNS/SQS that can replace responses, for those that an emulator never sends. It forwards
 * everything until `change` is set.
 */
export class HttpFaults {
  change: Change = () => null;
  readonly #server: Server;

  private constructor(private readonly target: URL) {
    this.#server = createServer((incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const body = Buffer.concat(chunks);
        const passing = {
          action: actionOf(incoming.headers['x-amz-target'], body),
          body: `${body}`,
        };
        const instead = this.change(passing);
        if (instead) answer.writeHead(instead.status).end(instead.body);
        else this.#forward(incoming, body, answer);
      });
    });
  }

  /** Resolves when it accepts connections. */
  static async open(target: string): Promise<HttpFaults> {
    const made = new HttpFaults(new URL(target));
    await new Promise<void>((resolve) => made.#server.listen(0, '127.0.0.1', resolve));
    return made;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #forward(
    incoming: { method?: string; url?: string; headers: Record<string, unknown> },
    body: Buffer,
    answer: ServerResponse,
  ): void {
    const { hostname, port } = this.target;
    const { method, url: path, headers } = incoming;
    const options = { hostname, port, method, path, headers: headers as Record<string, string> };
    const forwarded = request(options, (found) => {
      answer.writeHead(found.statusCode ?? 500, found.headers);
      found.pipe(answer);
    });
    forwarded.on('error', () => answer.destroy());
    forwarded.end(body);
  }
}

/** SQS names the action in a header, SNS in the body. */
const actionOf = (target: string | string[] | undefined, body: Buffer): string =>
  target ? `${target}`.replace('AmazonSQS.', '') : (/Action=(\w+)/.exec(`${body}`)?.[1] ?? '');
