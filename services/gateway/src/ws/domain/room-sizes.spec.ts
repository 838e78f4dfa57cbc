import { expect, it } from '@jest/globals';
import { busiest, countsByKind } from './room-sizes.ts';

const sizes = [
  { room: 'tea', users: 2 },
  { room: 'order:1', users: 9 },
  { room: 'lobby', users: 5 },
  { room: 'order:2', users: 1 },
  { room: 'attic', users: 1 },
];

it('rooms are counted by kind', () => {
  expect(countsByKind(sizes)).toEqual({
    order: { rooms: 2, users: 10 },
    chat: { rooms: 3, users: 8 },
  });
});

it('the busiest are chat rooms, and few', () => {
  expect(busiest(sizes, 2)).toEqual([
    { room: 'lobby', users: 5 },
    { room: 'tea', users: 2 },
  ]);
});
