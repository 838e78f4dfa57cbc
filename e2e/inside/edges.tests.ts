import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { isEndless, samplePath, sampleSend } from '../portable/samples.ts';
import type { Target } from '../portable/target.ts';
import type { Operation } from '../system/api-document.ts';
import { type Answer, Client, type ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { useLonelyGateway } from '../system/lonely-gateway.ts';
import type { Settings } from '../system/main-process.ts';
import type { TestSystem } from '../system/test-system.ts';

/** The response of every route when a service it needs is unavailable, and to a caller that exceeds the rate limit. */
export function edgeTests(system: () => TestSystem, target: () => Target): void {
  /** A client of a separate gateway, with the users of the system and none of its services. */
  function useLonelyClient(env: Settings): () => Promise<Client> {
    const url = useLonelyGateway(system, env);
    return async () => {
      const { token, options } = await target().as('ops');
      return new Client(url(), token, options);
    };
  }

  const request = (client: Client, operation: Operation) => {
    const path = samplePath(operation, { id: `order.${randomUUID()}` });
    return client.send(operation.method, path, sampleSend(operation));
  };

  /** The operations that document `status` and respond with another one, or without the id of the request. */
  async function without(
    status: number,
    answerOf: (operation: Operation) => Promise<Answer<unknown>>,
  ): Promise<string[]> {
    const wrongs: string[] = [];
    for (const operation of target().contract.document.operations) {
      if (!operation.answers.has(status)) continue;
      const answer = await answerOf(operation);
      const { code, correlationId } = answer.body as ProblemView;
      const id = answer.headers.get('x-request-id');
      // Bad health is no problem, and has no id in its body.
      const isNamed = id && (code === undefined || correlationId === id);
      if (answer.status !== status || !isNamed)
        wrongs.push(`${operation.name}: ${answer.status}, ${correlationId}`);
    }
    return wrongs;
  }

  describe('without its services', () => {
    const gateway = useLonelyClient({});

    it('every route that needs one says so, and when to come again', async () => {
      const client = await gateway();
      const wrongs = await without(503, (operation) => request(client, operation));
      expect(wrongs).toEqual([]);
    });
  });

  describe('asked too often', () => {
    const gateway = useLonelyClient({ RATE_LIMIT: '1' });

    it('every route refuses, and says when to come again', async () => {
      const client = await gateway();
      // One a second: on a slow machine each of some may come in a second of its own.
      const wrongs = await without(429, (operation) =>
        eventually(`${operation.name} refuses`, async () => {
          const answers = await Promise.all([1, 2, 3].map(() => request(client, operation)));
          return answers.find(({ status }) => status === 429);
        }),
      );
      expect(wrongs).toEqual([]);
    });
  });

  it('routes say 503 and nothing worse while their database is away, and go on by themselves', async () => {
    const ops = await target().as('ops');
    const reads = target().contract.document.operations.filter(
      (each) => each.method === 'GET' && !isEndless(each),
    );
    const statusOf = async (operation: Operation) => (await request(ops, operation)).status;
    await system().kill9One('postgres');
    const during = await Promise.all(reads.map(statusOf));
    expect(during).toContain(503);
    // One after the other: a slow machine refuses many at once for being overloaded.
    for (const operation of reads) {
      const isBack = async () => (await statusOf(operation)) !== 503;
      await eventually(`${operation.name} is back`, isBack);
    }
    await system().acceptsAgain();
  });
}
