import { afterAll, beforeAll } from '@jest/globals';
import { freePort } from '@waybill/embedded-postgres';
import { programOf } from '@waybill/processes';
import { eventually } from './eventually.ts';
import { everyProcess } from './faults.config.ts';
import { MainProcess, type Settings } from './main-process.ts';
import type { TestSystem } from './test-system.ts';

const nowhere = 'http://127.0.0.1:1';
const services = everyProcess
  .filter((name) => name !== 'gateway')
  .map((name) => name.toUpperCase());

/** A separate gateway for the tests of a `describe`, with the users of the system and none of its services; the returned function gives its URL. */
export function useLonelyGateway(system: () => TestSystem, env: Settings): () => string {
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
  return () => url;
}
