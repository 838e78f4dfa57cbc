import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Faults } from './faults.ts';
import { Refused } from './operation.ts';
import { type Delivery, slowMs } from './tokens.ts';

/** The response of an endpoint, and how it is delivered. */
export interface Outcome {
  readonly body: object;
  readonly delivery: Delivery;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of an error in the form of an API. */
export type Explain = (code: string, message: string, errors?: readonly object[]) => object;

/** What decides how requests are answered at the moment. */
export interface Conditions {
  readonly faults: Faults;
  readonly random: () => number;
  readonly explain: Explain;
}

/** Longer than any caller waits; then a connection that gets no response is closed. */
const holdMs = 60_000;

/** Runs `handle` with the current faults. */
export async function answering(
  { faults, random, explain }: Conditions,
  reply: FastifyReply,
  handle: () => Promise<Outcome>,
): Promise<unknown> {
  if (faults.latencyMs > 0) await wait(faults.latencyMs, undefined, { ref: false });
  if (faults.down) return cut(reply);
  if (random() < faults.errorShare) {
    return reply
      .code(faults.errorStatus)
      .headers(faults.errorStatus === 429 ? { 'retry-after': '1' } : {})
      .send(explain('injected_fault', 'this failure was asked for'));
  }
  const outcome = await handle();
  if (faults.duplicates) await handle();
  if (random() < faults.lostAnswerShare) return cut(reply);
  return deliver(reply, outcome, explain);
}

async function deliver(
  reply: FastifyReply,
  { body, delivery, status = 200, headers = {} }: Outcome,
  explain: Explain,
): Promise<unknown> {
  if (delivery === 'unreachable') return cut(reply);
  if (delivery === 'lost') return hold(reply);
  if (delivery === 'error') {
    return reply.code(500).send(explain('internal_error', 'something went wrong'));
  }
  if (delivery === 'slow') await wait(slowMs, undefined, { ref: false });
  return reply.code(status).headers(headers).send(body);
}

function cut(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

function hold(reply: FastifyReply): FastifyReply {
  reply.hijack();
  const timer = setTimeout(() => reply.raw.destroy(), holdMs).unref();
  reply.raw.on('close', () => clearTimeout(timer));
  return reply;
}

/** The idempotency key of a request, which is the caller's operation id. */
export function keyOf(request: FastifyRequest): unknown {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    throw new Refused(400, 'idempotency_key_missing', 'the header Idempotency-Key is missing');
  }
  return key;
}
