import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Somebody who sends requests from an address of its own, such as 127.0.0.2; all of 127.0.0.0/8 is this machine on Linux. */
export class FarVisitor {
  constructor(private readonly address: string) {}

  /** The status of GET, or of POST with JSON, at a URL. */
  async send(url: string, json?: unknown, headers: Record<string, string> = {}): Promise<number> {
    const sent = request(url, {
      method: json === undefined ? 'GET' : 'POST',
      localAddress: this.address,
      agent: false,
      headers: json === undefined ? headers : { 'content-type': 'application/json', ...headers },
    });
    sent.end(json === undefined ? undefined : JSON.stringify(json));
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    await text(answer);
    return answer.statusCode ?? 0;
  }
}
