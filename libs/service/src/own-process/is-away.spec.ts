import { expect, it } from '@jest/globals';
import { isAway } from './is-away.ts';

const coded = (code: string, more: object = {}) => Object.assign(new Error('x'), { code }, more);

it.each([
  ['a refused connection', coded('ECONNREFUSED')],
  ['a database that starts up', new Error('cannot reach', { cause: coded('57P03') })],
  ['one of several addresses', new AggregateError([coded('ECONNREFUSED')])],
  ['what a broker says', coded('broker_away')],
  ['its own queue, which is too long while all start', coded('overloaded')],
  ['a name that nobody has yet', coded('ENOTFOUND')],
  ['a Kafka that is too slow', new Error('no Kafka answers at kafka:9092 (Connection timeout)')],
  ['a database that is too slow to connect', new Error('timeout expired')],
  [
    'a pool whose database is too slow',
    new Error('Connection terminated due to connection timeout'),
  ],
  [
    'an answer that does not come in time',
    new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
  ],
  ['what a client only writes down', new Error('Connection error: connect ECONNREFUSED ::1:9092')],
])('waits for %s', (_, error) => {
  expect(isAway(error)).toBe(true);
});

it.each([
  ['a wrong password', coded('28P01')],
  ['a database that is not there', coded('3D000')],
  ['what its author calls hopeless', coded('broker_away', { retriable: false })],
  ['a wrong setting', new Error('KAFKA_BROKERS is missing')],
  ['no error at all', 'ECONNREFUSED'],
])('does not wait for %s', (_, error) => {
  expect(isAway(error)).toBe(false);
});
