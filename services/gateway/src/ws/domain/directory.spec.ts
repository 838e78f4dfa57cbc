import { beforeEach, describe, expect, it } from '@jest/globals';
import { Directory, type News } from './directory.ts';

const at = '2026-01-01T00:00:00.000Z';
const connected = (id: string, userId = id): News => ({
  type: 'connected',
  client: { id, userId, role: 'customer' },
});
const joined = (clientId: string, room: string): News => ({
  type: 'joined',
  room,
  clientId,
  metadata: {},
  at,
});

let directory: Directory;
beforeEach(() => {
  directory = new Directory();
  for (const news of [connected('a'), connected('b'), joined('a', 'tea'), joined('b', 'tea')])
    directory.apply('one', news);
});

const here = (room = 'tea') => directory.users(room).map(({ clientId }) => clientId);

describe('a directory', () => {
  it('makes a room on the first join and removes it with the last leave', () => {
    expect(directory.sizes()).toEqual([{ room: 'tea', users: 2 }]);
    directory.apply('one', { type: 'left', room: 'tea', clientId: 'a' });
    expect(directory.apply('one', { type: 'disconnected', clientId: 'b' })).toEqual([
      { type: 'left', room: 'tea', clientId: 'b' },
    ]);
    expect([directory.sizes(), directory.size]).toEqual([[], 1]);
  });

  it.each<[string, News]>([
    ['a join again', joined('a', 'tea')],
    ['a client again', connected('a')],
    ['a join of nobody', joined('x', 'tea')],
    ['a leave of another room', { type: 'left', room: 'coffee', clientId: 'a' }],
    ['the end of nobody', { type: 'disconnected', clientId: 'x' }],
  ])('is not changed by %s', (_, news) => {
    expect(directory.apply('one', news)).toEqual([]);
    expect([here(), directory.size]).toEqual([['a', 'b'], 2]);
  });

  it('takes news of a client from its own gateway alone', () => {
    expect(directory.apply('two', { type: 'disconnected', clientId: 'a' })).toEqual([]);
    expect(directory.apply('two', joined('a', 'coffee'))).toEqual([]);
    expect(here('coffee')).toEqual([]);
  });

  it('counts the connections of a user', () => {
    directory.apply('two', connected('c', 'a'));
    expect(directory.connectionsOf('a')).toBe(2);
    directory.forget('two');
    expect([directory.connectionsOf('a'), directory.connectionsOf('x')]).toEqual([1, 0]);
  });
});

describe('the state of a gateway', () => {
  it('is everything from which another begins', () => {
    const other = new Directory();
    expect(other.replace('one', directory.stateOf('one'))).toHaveLength(2);
    expect(other.stateOf('one')).toEqual(directory.stateOf('one'));
    expect(other.replace('one', directory.stateOf('one'))).toEqual([]);
  });

  it('takes the place of what was known, and tells the difference', () => {
    const changes = directory.replace('one', [
      connected('a'),
      connected('c'),
      joined('a', 'coffee'),
      joined('c', 'tea'),
    ]);
    expect(changes).toMatchObject([
      { type: 'left', room: 'tea', clientId: 'a' },
      { type: 'left', room: 'tea', clientId: 'b' },
      { type: 'joined', room: 'coffee', user: { clientId: 'a' } },
      { type: 'joined', room: 'tea', user: { clientId: 'c' } },
    ]);
    expect([here('coffee'), here('tea'), directory.size]).toEqual([['a'], ['c'], 2]);
  });

  it('is gone with the gateway, and that of others is not', () => {
    directory.apply('two', connected('c'));
    directory.apply('two', joined('c', 'tea'));
    expect(directory.forget('one')).toHaveLength(2);
    expect([here(), directory.client('a'), directory.client('c')?.gateway]).toEqual([
      ['c'],
      undefined,
      'two',
    ]);
  });
});
