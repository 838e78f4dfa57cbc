import { afterEach, expect, it } from '@jest/globals';
import { catalogueApi } from '@waybill/contracts/grpc';
import { ShelfServer } from '../testing/shelf-server.ts';
import { failureOf } from './call-failed.ts';
import { GrpcCaller } from './grpc-caller.ts';

const soon = { deadline: 5_000 };
const mug = { skus: ['MUG'] };
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function replicas(count: number) {
  const servers = await Promise.all(Array.from({ length: count }, () => ShelfServer.start()));
  const url = servers.map(({ address }) => address).join(',');
  const caller = new GrpcCaller({ api: catalogueApi, url, token: async () => 'friend' });
  open.push(caller, ...servers);
  return { servers, request: () => caller.call('GetAvailability', mug, soon) };
}

it('asks replicas in turn', async () => {
  const { servers, request } = await replicas(2);
  for (let call = 0; call < 100 && servers.some(({ ended }) => ended.length < 3); call += 1)
    await request();
  const [first = 0, second = 0] = servers.map(({ ended }) => ended.length);
  expect(Math.min(first, second)).toBeGreaterThanOrEqual(3);
});

it('asks the others when one stops, and no call is lost', async () => {
  const { servers, request } = await replicas(2);
  const [stopped] = servers;
  let answers = 0;
  const callers = Array.from({ length: 5 }, async () => {
    while (answers < 300) {
      await request();
      answers += 1;
      if (answers === 50) await stopped?.transport.stop(1_000);
    }
  });
  await Promise.all(callers);
  expect(answers).toBeGreaterThanOrEqual(300);
});

it('fails soon when nobody is there', async () => {
  const { servers, request } = await replicas(2);
  await request();
  await Promise.all(servers.map(({ transport }) => transport.stop(0)));
  await expect(request()).rejects.toMatchObject({ code: 'unavailable' });
});

it('takes a call that its server cancels as one that nobody serves', () => {
  const cancelled = { code: 1, details: 'Call cancelled' };
  expect(failureOf(cancelled, 'Catalogue.WatchAvailability', 0)).toMatchObject({
    code: 'unavailable',
  });
});

it('knows no method that the API does not have', async () => {
  const caller = new GrpcCaller({ api: catalogueApi, url: '127.0.0.1:1', token: async () => '' });
  open.push(caller);
  await expect(caller.call('Nothing', {}, soon)).rejects.toThrow('no method Catalogue.Nothing');
});
