import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Problem } from './problem.ts';

/** An idempotency key as it is stored, and what distinguishes its request from others. */
export interface Idempotency {
  readonly id: string;
  readonly bodyHash: string;
}

/** The response of a request with an idempotency key. */
export interface KeptAnswer {
  readonly status: number;
  /** Where to look; empty if there is no such place. */
  readonly location: string;
  /** JSON, byte for byte as it was sent. */
  readonly body: string;
}

/** Identifies the stored response of a key, separately for each caller and route. */
export function idempotencyOf(
  key: string | undefined,
  callerId: string,
  route: string,
  body: unknown,
): Idempotency | null {
  if (key === undefined) return null;
  if (key.length < 1 || key.length > 255) {
    throw new Problem(400, 'invalid_request', 'Idempotency-Key has 1 to 255 characters', {
      errors: [{ path: '/Idempotency-Key', message: 'has 1 to 255 characters' }],
    });
  }
  return {
    id: sha256(JSON.stringify([callerId, route, key])),
    bodyHash: sha256(JSON.stringify(sorted(body))),
  };
}

/** Sends the response of a request with an idempotency key; `replayed` if an earlier request got it first. */
export async function sendKept(
  reply: FastifyReply,
  { status, location, body }: KeptAnswer,
  replayed: boolean,
): Promise<void> {
  if (replayed) void reply.header('idempotency-replayed', 'true');
  if (location !== '') void reply.header('location', location);
  await reply.status(status).header('content-type', 'application/json; charset=utf-8').send(body);
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The order of properties does not matter, and null is equal to absent. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  );
}
