import { Problem, type ServiceTokens } from '@waybill/http';
import { isUnreached, problemFrom } from './failures.ts';
import type { Replica, Replicas } from './replicas.ts';

/** Calls the internal routes of a service's processes. */
export class ServiceDoor {
  constructor(
    readonly service: string,
    readonly replicas: Replicas,
    readonly tokens: ServiceTokens,
  ) {}

  /** The JSON of an internal route of one replica; rejects without a 2xx response within `withinMs`. */
  async send<T>(replica: Replica, path: string, withinMs: number): Promise<T> {
    const authorization = `Bearer ${await this.tokens.issue()}`;
    const { status, text } = await get(replica, path, withinMs, { authorization });
    if (status === 200) return JSON.parse(text) as T;
    throw new Problem(502, 'unavailable', `${this.service} answered ${path} with ${status}`);
  }

  /** The result of `send` for the first reachable replica; rejects with a `Problem` if that replica fails. */
  async ofOne<T>(send: (replica: Replica) => Promise<T>): Promise<T> {
    let failure: unknown;
    for (const replica of this.replicas.inTurn()) {
      try {
        return await send(replica);
      } catch (error) {
        failure = error;
        if (!isUnreached(error)) break;
      }
    }
    throw problemFrom(this.service, failure);
  }
}

/** A response of one replica, whatever its status. */
export async function get(
  { pool }: Replica,
  path: string,
  withinMs: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path,
    headers,
    signal: AbortSignal.timeout(withinMs),
  });
  return { status: statusCode, text: await body.text() };
}
