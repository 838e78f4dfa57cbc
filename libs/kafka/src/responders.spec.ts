import { expect, it } from '@jest/globals';
import { type Contract, encode } from '@waybill/contracts';
import { systemClock } from '@waybill/messaging';
import { until } from '@waybill/messaging/testing';
import type { KafkaClient, ReaderEvents, ReaderOptions } from './client/kafka-client.ts';
import { Names } from './names.ts';
import { Responders } from './responders.ts';
import type { Sender, Sending } from './sender.ts';
import { messageOf } from './testing/listening.ts';
import type { Topics } from './topics.ts';

const contract = {
  type: 'shop.question',
  kind: 'request',
  version: 1,
  schema: { safeParse: (data: unknown) => ({ success: true, data }) },
} as unknown as Contract;

it('an answer that is no JSON is a refusal for whoever asked, and no end of the process', async () => {
  const readers: ReaderEvents[] = [];
  const client = {
    admin: { ends: async () => [0] },
    reader: ({ topics }: ReaderOptions, events: ReaderEvents) => {
      readers.push(events);
      const assigned = new Map([...topics.keys()].map((topic) => [topic, [0]]));
      const joined = { memberId: 'me', generation: 1, topics: assigned, topicIds: new Map() };
      const open = async () => void events.joined(joined);
      const nothing = async () => undefined;
      return { open, pause: nothing, resume: nothing, commit: nothing, close: nothing };
    },
  } as unknown as KafkaClient;
  const sent: Sending[] = [];
  const responders = new Responders({
    client,
    clock: systemClock,
    names: new Names(undefined),
    topics: {
      ensure: async (topics: readonly string[]) => topics.map(() => 1),
    } as unknown as Topics,
    sender: { take: (sendings: readonly Sending[]) => sent.push(...sendings) } as unknown as Sender,
    groupId: 'test',
    commitMs: 500,
    onTrouble: () => undefined,
  });
  await responders.respond(contract, async () => ({ cents: 1n }));
  const question = `{"id":"q","ask":"all","until":${Date.now() + 60_000},"envelope":${encode({
    ...messageOf('a', 'k').envelope,
    type: contract.type,
  })}}`;
  const record = { offset: 0, timestamp: 0, key: 'k', value: question, headers: new Map() };
  for (const events of readers) events.records('shop.requests', 0, [record]);
  await until(() => sent.length > 0);
  expect(sent.map((each) => JSON.parse(each.record.value))).toMatchObject([
    { refused: { message: expect.stringMatching(/BigInt/) } },
  ]);
  await responders.close();
});
