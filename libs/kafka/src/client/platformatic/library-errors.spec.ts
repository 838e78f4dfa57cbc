import { expect, it } from '@jest/globals';
import { library } from './library.ts';
import { refusalOf, refusalsIn } from './library-errors.ts';

const { MultipleErrors, NetworkError, ResponseError, UserError } = await library();
/** An answer to a produce request (0) that refuses one topic. */
const answer = (code: number) => new ResponseError(0, 9, { '/responses/0': [code, null] }, {});
const unknownTopic = 3;
const notLeader = 6;

it.each([
  [
    'a topic that it looked for and did not find',
    new UserError('Unknown topic shop.events.'),
    true,
  ],
  ['a partition that is not there', answer(unknownTopic), true],
  ['one of several errors', new MultipleErrors('Producing failed.', [answer(unknownTopic)]), true],
  ['a partition whose leader moves', answer(notLeader), false],
])('knows a refusal by %s', (_, error, topicIsGone) => {
  const passes = true;
  expect(refusalOf(error)).toMatchObject({
    code: 'records_refused',
    passes,
    topicIsGone,
    cause: error,
  });
});

/** What a send fails with whose records went to several nodes: what each node answered, or why it did not. */
function failedSend(...errors: readonly Error[]): Error {
  return Object.assign(new MultipleErrors('Producing messages failed.', [...errors]), {
    produced: { offsets: [{ topic: 'shop.events', partition: 5, offset: 1n }] },
  });
}
const produced = (...codes: readonly number[]): Error => {
  const partitionResponses = codes.map((errorCode, index) => ({ index, errorCode }));
  const errors = Object.fromEntries(
    codes.flatMap((code, at) => (code ? [[`/${at}`, [code, null]]] : [])),
  );
  return new ResponseError(0, 9, errors as Record<string, [number, string | null]>, {
    responses: [{ name: 'shop.events', partitionResponses }],
  });
};

it('tells which partitions are refused of a send that is stored in part', () => {
  const refusals = refusalsIn(failedSend(produced(0, notLeader, 10)));
  expect(refusals?.map(({ topic, partition, error }) => [topic, partition, error.passes])).toEqual([
    ['shop.events', 1, true],
    ['shop.events', 2, false],
  ]);
});

it('knows nothing of a send of which one node did not answer', () => {
  const error = failedSend(produced(notLeader), new NetworkError('Connection closed'));
  expect([refusalsIn(error), refusalOf(error)]).toEqual([null, null]);
});

it.each([
  ['a broken connection', new NetworkError('Connection closed')],
  ['a mistake of ours', new UserError('/options/messages must be array.')],
  ['what is no error of the library', new TypeError('undefined is no function')],
  ['no error at all', undefined],
])('takes %s for no answer of Kafka', (_, error) => {
  expect(refusalOf(error)).toBeNull();
});
