import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newWebhookSecret, signedHeaders } from '@waybill/webhooks';

const secret = newWebhookSecret();
const receiver = join(
  dirname(fileURLToPath(import.meta.url)),
  '../examples/webhook-receiver/receiver.js',
);
let child: ChildProcess;
let url: string;
const lines: string[] = [];

beforeAll(async () => {
  child = spawn(process.execPath, [receiver], {
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const [first] = (await once(output, 'line')) as [string];
  url = first.replace('listening on ', '');
  output.on('line', (line) => lines.push(line));
});
afterAll(async () => {
  child.kill();
  await once(child, 'exit');
});

const body = JSON.stringify({ type: 'order.confirmed', data: { number: 'W-1001' } });
const headersOf = (id: string, at = new Date(), by: string | string[] = secret) =>
  signedHeaders(by, { id, body }, at);
const send = async (headers: Record<string, string>, sent = body): Promise<number> =>
  (await fetch(url, { method: 'POST', body: sent, headers })).status;
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

it('handles an event once, however often it arrives, also while the secret is rotated', async () => {
  expect(await send(headersOf('one'))).toBe(204);
  expect(await send(headersOf('one', new Date(), [newWebhookSecret(), secret]))).toBe(204);
  expect(await send(headersOf('two', minutesAgo(4)))).toBe(204);
  const line = 'order.confirmed {"number":"W-1001"}';
  while (lines.length < 2) await once(child.stdout as NodeJS.ReadableStream, 'data');
  expect(lines).toEqual([line, line]);
});

it.each<[string, () => Record<string, string>, string?]>([
  ['of another sender', () => headersOf('three', new Date(), newWebhookSecret())],
  ['that is too old', () => headersOf('three', minutesAgo(6))],
  ['of the future', () => headersOf('three', minutesAgo(-6))],
  ['with other bytes', () => headersOf('three'), `${body} `],
  ['with another id', () => ({ ...headersOf('three'), 'webhook-id': 'four' })],
  ['without a signature', () => ({})],
])('refuses a request %s', async (_, headers, sent = body) => {
  expect(await send(headers(), sent)).toBe(401);
});

it('reads no more than an event can have', async () => {
  expect(await send(headersOf('five'), 'x'.repeat(70_000))).toBe(413);
});
