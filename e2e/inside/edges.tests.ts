import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@waybill/embedded-postgres';
import { programOf } from '@waybill/processes';
import { isEndless, samplePath, sampleSend } from '../portable/samples.ts';
import type { Target } from '../portable/target.ts';
import type { Operation } from '../system/api-document.ts';
import { Client } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { everyProcess } from '../system/faults.config.ts';
import { MainProcess, type Settings } from '../system/main-process.ts';
import type { TestSystem } from '../system/test-system.ts';

const nowhere = 'http://127.0.0.1:1';
const services = everyProcess
  .filter((name) => name !== 'gateway')
  .map((name) => name.toUpperCase());

/** The response of every route when a service it needs is unavailable, and to a caller that exceeds the rate limit. */
export function edgeTests(system: () => TestSystem, target: () => Target): void {
  /** A client of a separate gateway, with the users of the system and none of its services. */
  function useLonelyGateway(env: Settings): () => Promise<Client> {
    let gateway: MainProcess | undefined;
    let url = '';
    beforeAll(async () => {
      const port = await freePort(0);
      url = `http://127.0.0.1:${port}`;
      const away = services.map((service) => [`${service}_URL`, nowhere]);
      for (const name of ['INVENTORY', 'SHIPPING'])
        away.push([`${name}_GRPC_URL`, 'grpc://127.0.0.1:1']);
      gateway = new MainProcess(
        {
          ...Object.fromEntries(away),
          PORT: String(port),
          WAYBILL_DATA: system().data.path,
          ...env,
        },
        programOf('gateway'),
      );
      await eventually('the gateway answers', async () => {
        const answer = await fetch(`${url}/health/live`);
        await answer.arrayBuffer();
        return true;
      });
    });
    afterAll(() => gateway?.signal('SIGTERM'));
    return async () => {
      const { token, options } = await target().as('ops');
      return new Client(url, token, options);
    };
  }

  const request = (client: Client, operation: Operation) => {
    const path = samplePath(operation, { id: `order.${randomUUID()}` });
    return client.send(operation.method, path, sampleSend(operation));
  };

  /** The operations that document `status` and respond with another one. */
  async function without(
    status: number,
    answerOf: (operation: Operation) => Promise<number>,
  ): Promise<string[]> {
    const wrongs: string[] = [];
    for (const operation of target().contract.document.operations) {
      if (!operation.answers.has(status)) continue;
      const answered = await answerOf(operation);
      if (answered !== status) wrongs.push(`${operation.name}: ${answered}`);
    }
    return wrongs;
  }

  describe('without its services', () => {
    const gateway = useLonelyGateway({});

    it('every route that needs one says so, and when to come again', async () => {
      const client = await gateway();
      const wrongs = await without(
        503,
        async (operation) => (await request(client, operation)).status,
      );
      expect(wrongs).toEqual([]);
    });
  });

  describe('asked too often', () => {
    const gateway = useLonelyGateway({ RATE_LIMIT: '1' });

    it('every route refuses, and says when to come again', async () => {
      const client = await gateway();
      // One a second: on a slow machine each of some may come in a second of its own.
      const wrongs = await without(429, (operation) =>
        eventually(`${operation.name} refuses`, async () => {
          const answers = await Promise.all([1, 2, 3].map(() => request(client, operation)));
          return answers.map(({ status }) => status).find((status) => status === 429);
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
