import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { isSigned, type SignedRequest } from './signature.ts';
import { WebhookSender } from './webhook-sender.ts';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const at = new Date('2026-01-01T00:00:00.000Z');

let server: Server | undefined;
let sender: WebhookSender | undefined;
afterEach(async () => {
  await sender?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
});

/** A receiver that returns the `statuses` in order, and then the last one for ever. */
async function receiver(...statuses: number[]) {
  const got: SignedRequest[] = [];
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    got.push({ headers: request.headers, rawBody: Buffer.concat(chunks) });
    response.statusCode = statuses.length > 1 ? (statuses.shift() ?? 0) : (statuses[0] ?? 0);
    response.end();
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { got, target: { url: `http://127.0.0.1:${port}/hook`, secret } };
}

const senderOf = (delay: (failures: number) => number | null) => {
  sender = new WebhookSender({ now: () => at, delay });
  return sender;
};

describe('a webhook', () => {
  it('is signed, and sent again under its id until it is taken', async () => {
    const { got, target } = await receiver(500, 302, 204);
    const asked: number[] = [];
    const taken = senderOf((failures) => {
      asked.push(failures);
      return 1;
    }).send(target, { id: 'evt_1', body: '{"a":"ä"}' });
    expect(await taken).toBe(true);
    expect(asked).toEqual([1, 2]);
    expect(got.map(({ headers }) => headers['webhook-id'])).toEqual(['evt_1', 'evt_1', 'evt_1']);
    for (const request of got) expect(isSigned(request, [secret], at)).toBe(true);
  });

  it('is given up when its sender says so', async () => {
    const { got, target } = await receiver(500);
    const taken = senderOf((failures) => (failures < 3 ? 1 : null)).send(target, {
      id: 'evt_1',
      body: '{}',
    });
    expect(await taken).toBe(false);
    expect(got).toHaveLength(3);
  });

  it('waits no longer when its sender is closed', async () => {
    const { target } = await receiver(500);
    let failed = (): void => {};
    const first = new Promise<void>((resolve) => {
      failed = resolve;
    });
    const closing = senderOf(() => {
      failed();
      return 3_600_000;
    });
    const taken = closing.send(target, { id: 'evt_1', body: '{}' });
    await first;
    expect(closing.waiting).toBe(1);
    await closing.close();
    expect(await taken).toBe(false);
    expect(closing.waiting).toBe(0);
  });
});
