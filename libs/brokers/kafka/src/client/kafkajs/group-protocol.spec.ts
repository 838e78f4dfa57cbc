import { createRequire } from 'node:module';
import { afterEach, expect, it } from '@jest/globals';
import { commitMetadata } from '../topic-identity.ts';
import { addToGroupProtocol } from './group-protocol.ts';

type Answer = Readonly<Record<string, unknown>>;
interface Broker {
  connectionPool: object;
  lookupRequest(key: number, definition: object): (request: object) => object;
  joinGroup(request: object): Promise<Answer>;
  heartbeat(request: object): Promise<Answer>;
  offsetFetch(request: object): Promise<Answer>;
  offsetCommit(request: object): Promise<Answer>;
}
const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: Broker };
let forget: () => void = () => undefined;
afterEach(() => forget());

/** A member of a group on a broker that responds as the test defines; `ids` are the current ids of its topics. */
function scene(answers: Readonly<Record<string, Answer>> = {}) {
  const asked: { readonly name: string; readonly request: Answer }[] = [];
  const ids = new Map([['orders', 'one']]);
  let gone = 0;
  forget = addToGroupProtocol('member', {
    instance: null,
    topics: ['orders'],
    joined: () => undefined,
    topicIsGone: () => {
      gone += 1;
    },
  });
  const broker = Object.create(prototype) as Broker;
  broker.lookupRequest = (_, definition) => (request) => ({ definition, request });
  broker.connectionPool = {
    clientId: 'member',
    send: async ({ request }: { request: Answer }) => {
      const name = String(request['apiName'] ?? 'other');
      asked.push({ name, request });
      return name === 'Metadata'
        ? new Map(ids)
        : (answers[name] ?? { memberId: 'm', generationId: 1 });
    },
  };
  return { asked, ids, broker, gone: () => gone };
}

it('says of which topic its commits tell', async () => {
  const { broker, asked } = scene();
  await broker.joinGroup({});
  await broker.offsetCommit({
    topics: [{ topic: 'orders', partitions: [{ partition: 2, offset: '7' }] }],
  });
  const committed = { partition: 2, offset: '7', metadata: commitMetadata('one') };
  expect(asked.at(-1)?.request).toEqual({ topics: [{ topic: 'orders', partitions: [committed] }] });
});

it('does not go on where the topic was that had the name before', async () => {
  const partition = (n: number, metadata: string) => ({ partition: n, offset: '7', metadata });
  const partitions = [partition(0, commitMetadata('former')), partition(1, commitMetadata('one'))];
  const { broker } = scene({ other: { responses: [{ topic: 'orders', partitions }] } });
  await broker.joinGroup({});
  expect(await broker.offsetFetch({})).toMatchObject({
    responses: [{ partitions: [{ offset: '-1' }, { offset: '7' }] }],
  });
});

it('tells of a topic that was made again between two fetches', async () => {
  const { broker, ids, gone } = scene();
  await broker.joinGroup({});
  ids.set('orders', 'two');
  await broker.heartbeat({});
  await new Promise((resolve) => setImmediate(resolve));
  expect(gone()).toBe(1);
});
