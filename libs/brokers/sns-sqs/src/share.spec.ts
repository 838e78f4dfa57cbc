import { expect, it } from '@jest/globals';
import { shareOf } from './share.ts';

it.each([
  ['one consumer wants all partitions', [4, 1, false], { least: 4, most: 4, wanted: 4 }],
  ['two share them evenly', [4, 2, false], { least: 2, most: 2, wanted: 2 }],
  ['one of three may have one more', [4, 3, false], { least: 1, most: 2, wanted: 2 }],
  ['for a third, both others give what is more', [4, 3, true], { least: 1, most: 1, wanted: 1 }],
  ['nobody gives up the only one', [1, 2, true], { least: 0, most: 1, wanted: 0 }],
  ['one too many takes what is left behind', [1, 2, false], { least: 0, most: 1, wanted: 1 }],
] as const)('%s', (_, [partitions, members, joined], share) =>
  expect(shareOf(partitions, members, joined)).toEqual(share),
);
