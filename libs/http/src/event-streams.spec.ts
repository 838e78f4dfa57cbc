import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import { HandClock, until } from '@waybill/messaging/testing';
import type { FastifyReply } from 'fastify';
import { Caller } from './auth/caller.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import type { EventStream } from './event-stream.ts';
import { EventStreams, lastEventIdOf } from './event-streams.ts';
import { ada, type EdgeApp, edgeApp, namedTokens } from './testing/edge-app.ts';

const begun: EventStream[] = [];

@Controller()
class StreamController {
  constructor(@Inject(EventStreams) private readonly streams: EventStreams) {}

  @Get('stream')
  stream(@Caller() caller: Caller, @Res() reply: FastifyReply): void {
    begun.push(this.streams.begin(reply, caller));
  }
}

/** `brief` is a token of Ada's that expires after a minute. */
const tokens = (clock: HandClock): TokenVerifier => {
  const expiresAt = clock.now().getTime() + 60_000;
  return {
    verify: (token) => (token === 'brief' ? { ...ada, expiresAt } : namedTokens.verify(token)),
  };
};

let clock: HandClock;
let streams: EventStreams;
let app: EdgeApp;
let asked: ClientRequest[];

beforeEach(async () => {
  clock = new HandClock();
  streams = new EventStreams(clock, { perCaller: 2, total: 3 });
  app = await edgeApp([StreamController], {
    clock,
    verifier: tokens(clock),
    providers: [{ provide: EventStreams, useValue: streams }],
  });
  await app.fastify.listen({ host: '127.0.0.1', port: 0 });
  asked = [];
});

afterEach(async () => {
  for (const each of asked) each.destroy();
  streams.close();
  app.fastify.server.closeAllConnections();
  await app.app.close();
  begun.length = 0;
});

interface Reader {
  readonly answer: IncomingMessage;
  readonly request: ClientRequest;
  text(): string;
  readonly ended: Promise<void>;
}

async function read(token = 'ada', method = 'GET'): Promise<Reader> {
  const { port } = app.fastify.server.address() as AddressInfo;
  const headers = { authorization: `Bearer ${token}` };
  const sent = request({ host: '127.0.0.1', port, path: '/stream', method, headers, agent: false });
  asked.push(sent);
  sent.on('error', () => undefined);
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  answer.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  answer.on('error', () => undefined);
  return { answer, request: sent, text: () => text, ended: closed(answer) };
}

/** Also resolves for a response that is cut off. */
const closed = (answer: IncomingMessage): Promise<void> =>
  new Promise((resolve) => answer.once('close', resolve));

const latest = (): EventStream => begun.at(-1) as EventStream;

describe('a stream of events', () => {
  it('begins with its head and how long a reader waits before it comes again', async () => {
    const { answer, text } = await read();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    });
    await until(() => text() === 'retry: 1000\n\n');
  });

  it('sends each event with its id, and what it holds in one line', async () => {
    const { text } = await read();
    latest().send({ id: '7', event: 'thing_changed', data: { note: 'a\nb\r\nc' } });
    latest().send({ id: '8', event: 'thing_changed', data: null });
    await until(() => text().includes('id: 8'));
    expect(text().slice('retry: 1000\n\n'.length)).toBe(
      'id: 7\nevent: thing_changed\ndata: {"note":"a\\nb\\r\\nc"}\n\n' +
        'id: 8\nevent: thing_changed\ndata: null\n\n',
    );
  });

  it('says that it lives each fifteen seconds, and tells who looks by then', async () => {
    const { text } = await read();
    let beats = 0;
    latest().onBeat(() => {
      beats += 1;
    });
    clock.advance(14_999);
    expect(beats).toBe(0);
    clock.advance(15_001);
    await until(() => text().endsWith(':\n\n:\n\n'));
    expect(beats).toBe(2);
  });

  it('ends when its reader leaves, and is no request in hand any more', async () => {
    const { request: left } = await read();
    let ends = 0;
    latest().onEnd(() => {
      ends += 1;
    });
    left.destroy();
    await until(() => ends === 1);
    expect([latest().isOpen, streams.size]).toEqual([false, 0]);
    await app.door.requestsEnd();
    latest().send({ id: '1', event: 'late', data: 1 });
    clock.advance(60_000);
    expect(ends).toBe(1);
  });

  it('ends with the token of its reader', async () => {
    const { ended } = await read('brief');
    clock.advance(59_999);
    expect(latest().isOpen).toBe(true);
    clock.advance(1);
    await ended;
    expect(streams.size).toBe(0);
  });

  it('drops a reader that does not read, and what waits for it', async () => {
    const { answer } = await read();
    answer.pause();
    const data = 'x'.repeat(64 * 1024);
    for (let id = 1; latest().isOpen && id < 1_000; id += 1) {
      latest().send({ id: String(id), event: 'large', data });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(latest().isOpen).toBe(false);
    answer.resume();
    await closed(answer);
  });

  it('answers who asks for its head alone', async () => {
    const { answer, ended } = await read('ada', 'HEAD');
    expect(answer.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await ended;
    expect(streams.size).toBe(0);
  });
});

describe('the streams of a service', () => {
  const problemOf = async ({ answer, text, ended }: Reader) => {
    await ended;
    const { status, code } = JSON.parse(text()) as { status: number; code: string };
    const after = answer.headers['retry-after'];
    return [answer.statusCode, status, code, answer.headers['content-type'], Number(after) > 0];
  };
  const problem = 'application/problem+json; charset=utf-8';

  it('are limited for each caller, who has room again when one ends', async () => {
    const first = await read();
    await read();
    const refused = await read();
    expect(await problemOf(refused)).toEqual([429, 429, 'too_many_streams', problem, true]);
    expect((await read('operator')).answer.statusCode).toBe(200);
    first.request.destroy();
    await until(() => streams.size === 2);
    expect((await read()).answer.statusCode).toBe(200);
  });

  it('are limited together', async () => {
    await read();
    await read();
    await read('operator');
    expect(await problemOf(await read('operator'))).toEqual([
      503,
      503,
      'overloaded',
      problem,
      true,
    ]);
  });

  it('end in order when the service stops, which takes no more of them', async () => {
    const readers = [await read(), await read('operator')];
    latest().send({ id: '1', event: 'last', data: 1 });
    streams.close();
    await Promise.all(readers.map(({ ended }) => ended));
    expect(readers[1]?.answer.complete).toBe(true);
    expect(readers[1]?.text()).toContain('event: last');
    expect(await problemOf(await read())).toEqual([503, 503, 'unavailable', problem, true]);
    await app.door.requestsEnd();
  });
});

describe('the last event that a reader has', () => {
  it.each([
    [undefined, undefined, undefined],
    ['', undefined, undefined],
    [undefined, '', undefined],
    ['7', undefined, 7],
    [undefined, '8', 8],
    ['7', '8', 7],
    ['0', undefined, 0],
  ])('of header %j and query %j is %j', (header, query, id) => {
    expect(lastEventIdOf(header, query)).toBe(id);
  });

  it.each(['x', '-1', '1.5', '1e3', ' 1', '9999999999', '٣', '1,2'])(
    'is refused by name when it is %j',
    (value) => {
      expect(() => lastEventIdOf(value, undefined)).toThrow(
        expect.objectContaining({
          status: 400,
          code: 'invalid_request',
          errors: [{ path: '/Last-Event-ID', message: expect.any(String) }],
        }),
      );
      expect(() => lastEventIdOf(undefined, value)).toThrow(/^lastEventId is not a whole number/);
    },
  );
});
