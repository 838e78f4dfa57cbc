import { expect, it } from '@jest/globals';
import { serverNames } from './server-name.ts';
import { select, serversOf } from './spec-servers.ts';

it('finds the servers of a spec in its name, else in its library, else takes all', () => {
  expect(serversOf('tools/stack/src/second.redis.sns-sqs.broker.spec.ts')).toEqual([
    'redis',
    'sns-sqs',
  ]);
  expect(serversOf('libs/brokers/kafka/src/client/kafkajs.broker.spec.ts')).toEqual(['kafka']);
  expect(serversOf('libs/brokers/kafka/src/live.redis.broker.spec.ts')).toEqual(['redis']);
  expect(serversOf('libs/service/src/brokers/open.broker.spec.ts')).toEqual(serverNames);
  expect(serversOf('e2e/stack/portable.e2e.spec.ts')).toEqual(serverNames);
});

const files = [
  'libs/brokers/kafka/a.broker.spec.ts',
  'libs/brokers/redis/b.broker.spec.ts',
  'libs/service/c.spec.ts',
];

it('leaves out what needs a server that is not here', () => {
  expect(select(files, serverNames, ['redis', 'kafka'])).toEqual({
    run: [files[0], files[1]],
    leftOut: [files[2]],
    servers: serverNames,
  });
});

it('keeps to the servers that are asked for', () => {
  expect(select(files, ['kafka'], serverNames)).toEqual({
    run: [files[0]],
    leftOut: [],
    servers: ['kafka'],
  });
  expect(select(files, ['sns-sqs'], serverNames)).toEqual({ run: [], leftOut: [], servers: [] });
});
