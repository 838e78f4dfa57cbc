import { expect, it } from '@jest/globals';
import { commitMetadata, haveChanged, isOfFormerTopic } from './topic-identity.ts';

it.each<[string, string | null, string | undefined, boolean]>([
  ['of the same topic', commitMetadata('one'), 'one', false],
  ['of one that was deleted', commitMetadata('one'), 'two', true],
  ['by a tool that says nothing', '', 'two', false],
  ['by one that says nothing at all', null, 'two', false],
  ['by a tool that says something else', 'by hand', 'two', false],
  ['of a topic whose id nobody knows', commitMetadata('one'), undefined, false],
])('tells what was committed %s', (_, metadata, topicId, isFormer) => {
  expect(isOfFormerTopic(metadata, topicId)).toBe(isFormer);
});

it('tells topics that are others than they were, and neither new ones nor those that are gone', () => {
  const known = new Map([
    ['a', '1'],
    ['b', '2'],
  ]);
  expect(haveChanged(known, new Map([['a', '1']]))).toBe(false);
  expect(haveChanged(known, new Map([['c', '3']]))).toBe(false);
  expect(haveChanged(known, new Map([['b', '4']]))).toBe(true);
});
