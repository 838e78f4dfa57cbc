import { request } from 'node:http';
import { expect, it } from '@jest/globals';
import { speak } from '@waybill/http/testing';
import type { OrderView } from '../system/client.ts';
import { EventReader } from '../system/event-reader.ts';
import { OrderStreamReader } from '../system/order-stream-reader.ts';
import type { SystemUnderTest } from '../system/system-under-test.ts';

interface Stoppable extends SystemUnderTest {
  stop(): Promise<unknown>;
  start(): Promise<void>;
}

const longestStop = 10_000;
const longestHead = 10_000;
/** The provider is called again after a minute at most. */
const longestRetry = 100_000;
/** The order stays at the payment provider for longer than the tests take. */
const slowProvider = { latencyMs: 60_000 };

/** What happens to incomplete requests, and to requests that are open when the system stops. */
export function openRequestTests(
  system: () => Stoppable,
  { doors, waiting: count }: { doors: () => readonly string[]; waiting: number },
): void {
  it('ends requests whose head does not arrive in ten seconds, at every door', async () => {
    const began = performance.now();
    const halves = doors().map((url) => speak(url, 'GET / HTTP/1.1\r\nhost: shop\r\nx-half'));
    for (const received of await Promise.all(halves)) expect(received).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - began).toBeGreaterThan(longestHead - 500);
    expect(performance.now() - began).toBeLessThan(2 * longestHead);
  });

  it(`answers ${count} who wait when it stops, ends streams, and leaves nobody without an answer`, async () => {
    const { url } = system();
    const ada = await system().as('ada');
    await system().sandboxes.providerFaults(slowProvider);
    const { body: order } = await ada.placeOrder();
    const path = `/api/v1/orders/${order.id}`;
    const authorization = `Bearer ${ada.token}`;
    const stream = await OrderStreamReader.open(ada, order.id);
    const watch = await EventReader.open(ada, '/api/v1/availability/stream?sku=LAPTOP-13');
    const waiting = Array.from({ length: count }, () =>
      get(`${url}${path}?wait=30s`, authorization),
    );
    const halfBody = speak(
      url,
      `POST /api/v1/orders HTTP/1.1\r\nhost: shop\r\nauthorization: ${authorization}\r\n` +
        'content-type: application/json\r\ncontent-length: 99\r\n\r\n{"lines":',
    );
    const halfHead = speak(url, `GET ${path} HTTP/1.1\r\nhost: shop\r\n`);
    const silent = speak(url, '');
    // Connections are accepted in order, so this response means that all earlier ones were accepted.
    expect((await get(`${url}/health/live`, authorization)).status).toBe(200);

    const began = performance.now();
    const stopped = system().stop();
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status, text }) => `${status} ${wordOf(text)}`))).toEqual(
      new Set(['200 pending']),
    );
    expect(await halfBody).toMatch(/^HTTP\/1\.1 503 .*retry-after: .*"code":"unavailable"/is);
    expect(await Promise.all([halfHead, silent])).toEqual(['', '']);
    expect(performance.now() - began).toBeLessThan(longestStop);
    await stopped;
    expect([stream.ended, watch.ended]).toEqual([true, true]);

    await system().start();
    // The system may have another address now.
    const again = await system().as('ada');
    const { status, reason } = await again.settled(order.id, longestRetry);
    // Where the start takes long, the time that the order has for its payment is over.
    expect(`${status}, ${reason}`).toMatch(
      /^(confirmed, null|rejected, (payment_unavailable|timed_out))$/,
    );
  });
}

/** The status of an order, or the reason of a refusal. */
function wordOf(text: string): string {
  const { detail, status } = JSON.parse(text) as OrderView & { readonly detail?: string };
  return detail ?? status;
}

/** A GET request on its own connection. */
const get = (url: string, authorization: string) =>
  new Promise<{ readonly status: number | undefined; readonly text: string }>((resolve, reject) => {
    const sent = request(url, { agent: false, headers: { authorization } }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
