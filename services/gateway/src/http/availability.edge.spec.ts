import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Availability } from '@waybill/contracts/grpc';
import { Refusal } from '@waybill/grpc';
import { EventStreams, networkHeader } from '@waybill/http';
import { type EdgeApp, edgeApp } from '@waybill/http/testing';
import { RequestTimedOut, systemClock, Unavailable } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import { BreakerOpen } from '@waybill/resilience';
import { Subject, startWith } from 'rxjs';
import { AvailabilityReader } from '../availability-reader.ts';
import { AvailabilityController } from './availability.controller.ts';
import { EventSender } from './event-sender.ts';

/** A shop with seven mugs. */
class Shop extends AvailabilityReader {
  readonly changes = new Subject<Availability>();
  failure: Error | null = null;

  async read(skus: readonly string[]): Promise<readonly Availability[]> {
    if (this.failure) throw this.failure;
    return skus.map((sku) => ({ sku, available: 7 }));
  }

  watch() {
    return this.changes.pipe(startWith({ sku: 'MUG', available: 7 }));
  }
}

let shop: Shop;
let streams: EventStreams;
let edge: EdgeApp;
beforeEach(async () => {
  shop = new Shop();
  streams = new EventStreams(systemClock, { perCaller: 2, total: 3 });
  edge = await edgeApp([AvailabilityController], {
    providers: [
      { provide: AvailabilityReader, useValue: shop },
      { provide: EventStreams, useValue: streams },
      EventSender,
    ],
  });
  await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  streams.close();
  edge.fastify.server.closeAllConnections();
  await edge.app.close();
});

async function open(headers = {}) {
  const { port } = edge.fastify.server.address() as AddressInfo;
  const path = '/api/v1/availability/stream?sku=MUG';
  const sent = request({ host: '127.0.0.1', port, path, headers, agent: false });
  sent.on('error', () => undefined).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  answer.on('error', () => undefined);
  answer.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const ended = new Promise((resolve) => answer.once('end', resolve));
  return { sent, answer, text: () => text, ended };
}

describe('what can be bought', () => {
  const unknown = new Refusal('NOT_FOUND', 'no', {
    reason: 'unknown_sku',
    about: { skus: 'MUG,PEN' },
  });

  it.each([
    [422, 'unknown_sku', 'there is no product MUG, PEN', undefined, unknown],
    [503, 'unavailable', 'the inventory service is away', '2', new Unavailable('10.0.0.1')],
    [503, 'unavailable', 'the inventory service is away', '2', new BreakerOpen('inventory')],
    [503, 'unavailable', 'did not answer in time', '2', new RequestTimedOut('x', 1)],
    [500, 'internal', 'the log has it', undefined, new Error('10.0.0.1')],
  ])('is %i %s, also before a stream begins: %s', async (status, code, detail, after, error) => {
    shop.failure = error;
    for (const path of ['availability', 'availability/stream']) {
      const answer = await edge.fastify.inject(`/api/v1/${path}?sku=MUG&sku=PEN`);
      const { detail: text, ...problem } = answer.json();
      expect([answer.statusCode, problem.code]).toEqual([status, code]);
      expect(text).toContain(detail);
      expect(answer.headers['retry-after']).toBe(after);
    }
    expect(streams.size).toBe(0);
  });

  it('ends the stream of a reader, who comes again, when its service is lost', async () => {
    const { text, ended } = await open();
    shop.changes.next({ sku: 'MUG', available: 6 });
    shop.changes.error(new Unavailable('inventory'));
    await ended;
    expect(text()).toBe(
      'retry: 1000\n\nevent: availability\ndata: {"sku":"MUG","available":7}\n\n' +
        'event: availability\ndata: {"sku":"MUG","available":6}\n\n',
    );
    expect(edge.lines.join()).toContain('lost its service');
  });

  it('is watched no longer than somebody reads', async () => {
    const { sent } = await open();
    expect(shop.changes.observed).toBe(true);
    sent.destroy();
    await until(() => !shop.changes.observed);
  });

  it('is watched so often from one network, and by one caller', async () => {
    const statusOf = async (headers = {}) => (await open(headers)).answer.statusCode;
    const near = { [networkHeader]: 'near' };
    const far = { [networkHeader]: 'far' };
    expect([await statusOf(near), await statusOf(near), await statusOf(near)]).toEqual([
      200, 200, 429,
    ]);
    const { answer, sent } = await open(far);
    expect(answer.statusCode).toBe(200);
    sent.destroy();
    await until(() => streams.size === 2);
    const authorization = 'Bearer ada';
    expect([await statusOf({ authorization }), await statusOf({ authorization })]).toEqual([
      200, 503,
    ]);
  });
});
