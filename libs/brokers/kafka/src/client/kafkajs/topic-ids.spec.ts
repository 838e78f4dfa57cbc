import { expect, it } from '@jest/globals';
import { idsIn, requestOf, topicIdsOf } from './topic-ids.ts';

const id = '0123456789abcdef0123456789abcdef';

it('asks as the protocol says: Metadata, version 12', () => {
  const name = Buffer.from('orders').toString('hex');
  const wanted = ['00', '02', '00'.repeat(16), '07', name, '00', '00', '00', '00'];
  expect(requestOf(['orders']).buffer.toString('hex')).toBe(wanted.join(''));
});

/** A response with one node and one topic. */
function answerOf(error: string, topicId: string): Buffer {
  const text = (word: string) => `0${word.length + 1}${Buffer.from(word).toString('hex')}`;
  const int32 = (n: number) => n.toString(16).padStart(8, '0');
  const node = [int32(1), text('host'), int32(9092), '00', '00'];
  const replicas = ['02', int32(1), '02', int32(1), '01'];
  const partition = ['0000', int32(0), int32(1), int32(7), ...replicas, '00'];
  const topic = [error, text('orders'), topicId, '00', '02', ...partition, int32(0), '00'];
  const all = ['00', int32(0), '02', ...node, text('cl'), int32(1), '02', ...topic, '00'];
  return Buffer.from(all.join(''), 'hex');
}

it('reads ids as Kafka writes them, past nodes and partitions', () => {
  expect([...idsIn(answerOf('0000', id))]).toEqual([
    ['orders', '01234567-89ab-cdef-0123-456789abcdef'],
  ]);
});

it('leaves out topics that do not exist', async () => {
  const send = async (request: object) =>
    (request as { response: { decode(bytes: Buffer): object } }).response.decode(
      answerOf('0003', '00'.repeat(16)),
    );
  expect(await topicIdsOf({ connectionPool: { send } }, ['orders'])).toEqual(new Map());
});
