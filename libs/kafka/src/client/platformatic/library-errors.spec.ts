import { expect, it } from '@jest/globals';
import { library } from './library.ts';
import { refusalOf } from './library-errors.ts';

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
  expect(refusalOf(error)).toMatchObject({ code: 'records_refused', topicIsGone, cause: error });
});

it.each([
  ['a broken connection', new NetworkError('Connection closed')],
  ['a mistake of ours', new UserError('/options/messages must be array.')],
  ['what is no error of the library', new TypeError('undefined is no function')],
  ['no error at all', undefined],
])('takes %s for no answer of Kafka', (_, error) => {
  expect(refusalOf(error)).toBeNull();
});
