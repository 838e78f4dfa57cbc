import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { SnsSqsOptions } from './options.ts';
import { snsSqsBroker } from './sns-sqs-broker.ts';

const credentials = { accessKeyId: 'AKIAVERYOWN', secretAccessKey: 'very-secret' };
const group = {
  name: 'orders',
  kind: 'event' as const,
  partitions: 1,
  bindings: [{ channel: 'shop.events', pattern: '#' }],
};

/** The error of a broker's first use. */
async function complaint(options: Partial<SnsSqsOptions>): Promise<string> {
  const broker = snsSqsBroker({ service: 'test', region: 'eu-central-1', credentials, ...options });
  const published = await broker.declare([group]).then(
    () => 'nothing',
    (error: Error) => error.message,
  );
  await broker.close();
  return published;
}

describe('a broker that is set up wrongly', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });
  /** A server that rejects every request as AWS does. */
  const refusing = async (code: string): Promise<string> => {
    const made = createServer((_, answer) => {
      answer.writeHead(403, { 'x-amzn-query-error': `${code};Sender` });
      answer.end(JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message: 'no' }));
    });
    server = made;
    await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  };

  it.each([
    ['nobody listens', 'http://127.0.0.1:9', 'ECONNREFUSED'],
    ['no such host', 'http://user:very-secret@no-such-host.invalid:4566', 'ENOTFOUND|EAI_AGAIN'],
  ])('says in one line which setting to look at: %s', async (_, endpoint, code) => {
    const published = await complaint({ endpoint });
    expect(published).toMatch(
      new RegExp(`^cannot reach SNS/SQS at \\S+ \\((${code})\\): .*AWS_ENDPOINT_URL`),
    );
    expect(published).not.toMatch(/secret|\n/);
  });

  it('says that the address is none', async () => {
    expect(await complaint({ endpoint: 'not a url' })).toBe('AWS_ENDPOINT_URL is no URL');
  });

  it.each(['InvalidClientTokenId', 'SignatureDoesNotMatch', 'AccessDeniedException'])(
    'names the credentials and shows none: %s',
    async (code) => {
      const published = await complaint({ endpoint: await refusing(code) });
      expect(published).toMatch(
        /^SNS\/SQS at http:\S+ refused the credentials \(\w+\): .*AWS_SECRET_ACCESS_KEY/,
      );
      expect(published).not.toMatch(/AKIAVERYOWN|very-secret|\n/);
    },
  );

  it('connects nothing before it is used, and closes all the same', async () => {
    const broker = snsSqsBroker({ service: 'test', endpoint: 'http://127.0.0.1:9' });
    expect(broker.state()).toBe('connecting');
    await broker.close();
    expect(broker.state()).toBe('closed');
  });
});
