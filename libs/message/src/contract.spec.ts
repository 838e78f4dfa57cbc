import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { announcement, command, type DataOf, event, type Message } from './contract.ts';
import { InvalidMessage } from './data.ts';

const Knocked = event('door.knocked', {
  summary: 'Somebody knocked.',
  schema: z.strictObject({ door: z.string(), times: z.int().min(1) }),
  key: (data) => data.door,
});

describe('a contract', () => {
  it('makes a message of its data', () => {
    const message = Knocked({ door: 'front', times: 2 });
    expect(message).toMatchObject({ contract: Knocked, data: { door: 'front', times: 2 } });
  });

  it('refuses data that break its schema, and names every field', () => {
    const make = () => Knocked({ door: 1 as never, times: 0 });
    expect(make).toThrow(InvalidMessage);
    expect(make).toThrow(/\/door: .*\/times: /);
  });

  it('refuses properties that it does not know, since a publisher that misspells one must notice', () => {
    expect(() => Knocked({ door: 'front', times: 1, tmies: 2 } as never)).toThrow(InvalidMessage);
  });

  it('takes only types of the form context.name', () => {
    const make = (type: string) => () =>
      event(type, { summary: '', schema: z.object({}), key: () => '' });
    for (const type of ['knocked', 'Door.knocked', 'door.', 'door.knocked.twice', ''])
      expect(make(type)).toThrow(TypeError);
  });

  it('lets only announcements and live updates expire', () => {
    const options = { summary: '', schema: z.object({}), key: () => '' };
    const expiring = { expiresAt: '2026-01-01T00:00:00.000Z' };
    expect(() => command('door.open', options)({}, expiring)).toThrow(TypeError);
    expect(announcement('door.opened', options)({}, expiring).options).toEqual(expiring);
    expect(() => command('door.open', { ...options, ttl: 1_000 })).toThrow(TypeError);
  });

  it.each([0, -1, 0.5, Number.NaN, 2_592_000_001])('refuses %s ms as its time to live', (ttl) => {
    const options = { summary: '', schema: z.object({}), key: () => '' };
    expect(() => announcement('door.opened', { ...options, ttl })).toThrow(/use 1 to 2592000000/);
  });

  it('refuses a delay that is no time', () => {
    expect(() => Knocked({ door: 'front', times: 1 }, { after: Number.NaN })).toThrow(TypeError);
    expect(() => Knocked({ door: 'front', times: 1 }, { after: -1 })).toThrow(TypeError);
  });
});

it('gives every user of a contract its type', () => {
  type Knock = DataOf<typeof Knocked>;
  const knock: Knock = { door: 'front', times: 1 };
  const messages: Message[] = [Knocked(knock)];
  expect(messages).toHaveLength(1);
  expect(() => {
    // @ts-expect-error times is a number
    Knocked({ door: 'front', times: 'twice' });
  }).toThrow();
  expect(() => {
    // @ts-expect-error door is missing
    Knocked({ times: 1 });
  }).toThrow();
  expect(() => {
    // @ts-expect-error there is no such property
    Knocked({ ...knock, colour: 'red' });
  }).toThrow();
  // @ts-expect-error the key is text
  const wrong: Parameters<typeof event>[1] = { summary: '', schema: z.object({}), key: () => 1 };
  expect(wrong.key({})).toBe(1);
});
