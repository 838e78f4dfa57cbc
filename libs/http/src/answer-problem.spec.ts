import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Res } from '@nestjs/common';
import { HandClock, until } from '@waybill/messaging/testing';
import { createLog, Trace } from '@waybill/observability';
import { answerProblem, stopping } from './answer-problem.ts';
import { Tokenless } from './auth/caller.ts';
import { Problem } from './problem.ts';
import { ServerErrors } from './server-errors.ts';
import { edgeApp } from './testing/index.ts';

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

/** Answers every request with the problem; `lines` is its log. */
async function serverOf(problem: Problem, prepare = (_: IncomingMessage): void => {}) {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const clock = new HandClock();
  const errors = new ServerErrors(createLog({ service: 'edge', level: 'info', write }), clock);
  const server = createServer((request, response) => {
    prepare(request);
    answerProblem(response, problem, errors);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(url + path, { headers });
    const body = await answer.text();
    return { id: answer.headers.get('x-request-id') ?? '', body };
  };
  return { send, lines, clock };
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const traced = '0af76519-16cd-43dd-8448-eb211c80319c';

describe('a problem without an application', () => {
  it('has an id of its own in its header and its body, or that of the trace of its caller', async () => {
    const { send } = await serverOf(new Problem(429, 'too_many_requests', 'slow down'));
    const [one, other] = [await send('/'), await send('/', { traceparent: 'garbage' })];
    expect(one.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(other.id).not.toBe(one.id);
    expect(JSON.parse(one.body).correlationId).toBe(one.id);
    expect((await send('/', { traceparent })).id).toBe(traced);
  });

  it('has the id under which an application has begun the request', async () => {
    const trace = { correlationId: traced, traceparent };
    const { send } = await serverOf(stopping(), (request) => Object.assign(request, { trace }));
    expect((await send('/')).id).toBe(traced);
  });

  it('is found in the log by its id if it is a 5xx, without the query of its request', async () => {
    const failed = await serverOf(new Problem(504, 'no_answer_in_time', 'too late'));
    const { id } = await failed.send('/api/v1/orders?ticket=secret');
    expect(failed.lines).toMatchObject([
      { level: 'error', correlationId: id, route: 'GET /api/v1/orders' },
    ]);
    expect(JSON.stringify(failed.lines)).not.toContain('secret');
    const refused = await serverOf(stopping());
    const ids = [await refused.send('/'), await refused.send('/'), await refused.send('/')];
    refused.clock.advance(1_000);
    const found = refused.lines.flatMap(({ correlationIds }) => correlationIds);
    expect(found).toEqual(ids.map((each) => each.id));
  });

  it('costs no line of the log below 500', async () => {
    const { send, lines, clock } = await serverOf(new Problem(429, 'too_many_requests', 'slow'));
    await send('/');
    clock.advance(1_000);
    expect(lines).toEqual([]);
  });

  it('shows its id to a person who has opened an address', async () => {
    const { send } = await serverOf(stopping());
    const { id, body } = await send('/', { accept: 'text/html' });
    expect(body).toContain(`Reference ${id}`);
  });
});

@Controller('slow')
@Tokenless()
class SlowController {
  static begun: string | undefined;

  /** Never answers. */
  @Get()
  wait(@Trace() { correlationId }: Trace, @Res() _: unknown): void {
    SlowController.begun = correlationId;
  }
}

it('a request that a stopping service does not finish is answered under the id with which it began', async () => {
  const edge = await edgeApp([SlowController]);
  const url = await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
  const asked = fetch(`${url}/slow`);
  await until(() => SlowController.begun !== undefined);
  await edge.app.close();
  const answer = await asked;
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([503, SlowController.begun]);
  expect(edge.lines.join()).toContain(`"correlationIds":["${SlowController.begun}"]`);
});
