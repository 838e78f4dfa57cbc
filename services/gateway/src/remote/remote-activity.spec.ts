import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { ServiceTokens } from '@waybill/http';
import { systemClock } from '@waybill/messaging';
import { RemoteActivity } from './remote-activity.ts';
import { Replicas } from './replicas.ts';
import { ServiceDoor } from './service-door.ts';

const page = { position: 7, changes: [{ customerId: 'ada', active: false }] };
const servers: Server[] = [];
const opened: Replicas[] = [];

afterEach(async () => {
  for (const replicas of opened.splice(0)) await replicas.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A replica that answers, or is frozen. */
async function replica(answers: boolean): Promise<string> {
  const server = createServer((_, response) => {
    if (answers) response.end(JSON.stringify(page));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function activityOf(...urls: readonly string[]): RemoteActivity {
  const replicas = new Replicas(urls);
  opened.push(replicas);
  const tokens = new ServiceTokens('gateway', 'x'.repeat(32), systemClock);
  return new RemoteActivity(new ServiceDoor('customer', replicas, tokens));
}

it('is read from whichever replica answers, also while the others are frozen or gone', async () => {
  const gone = 'http://127.0.0.1:1';
  const activity = activityOf(await replica(false), gone, await replica(true));
  for (let n = 0; n < 3; n += 1) expect(await activity.after(0)).toEqual(page);
});

it('is unknown while no replica answers', async () => {
  await expect(activityOf('http://127.0.0.1:1').after(0)).rejects.toThrow();
});
