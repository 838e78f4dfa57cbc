import { describe, expect, it } from '@jest/globals';
import type { Channel } from 'amqplib';
import { Declarer } from './declarer.ts';
import type { Link } from './link.ts';

/** A server that fails each call with the configured error code, or accepts it. */
function serverWith(codes: Readonly<Record<string, number>>) {
  const calls: string[] = [];
  const answer = (call: string) => async () => {
    calls.push(call);
    if (codes[call]) throw Object.assign(new Error(call), { code: codes[call] });
    return {};
  };
  const names = [
    'assertQueue',
    'checkQueue',
    'bindQueue',
    'assertExchange',
    'checkExchange',
    'close',
  ];
  const channel = Object.fromEntries(names.map((name) => [name, answer(name)]));
  const link = {
    quietChannel: async () => {
      calls.push('channel');
      return channel as unknown as Channel;
    },
  } as unknown as Link;
  return { calls, declarer: new Declarer(link) };
}

describe('declaring', () => {
  it('creates what may be created, on one channel', async () => {
    const { calls, declarer } = serverWith({});
    await declarer.exchange('e', 'topic');
    await declarer.queue('q', {});
    await declarer.bindQueue('q', 'e', '#');
    expect(calls).toEqual(['channel', 'assertExchange', 'assertQueue', 'bindQueue']);
  });

  it('only looks when the user may not create, and takes bindings as there', async () => {
    const { calls, declarer } = serverWith({ assertExchange: 403 });
    await declarer.exchange('e', 'topic');
    await declarer.queue('q', {});
    await declarer.bindQueue('q', 'e', '#');
    expect(calls).toEqual(['channel', 'assertExchange', 'channel', 'checkExchange', 'checkQueue']);
  });

  it('tells what is not there and may not be created', async () => {
    const { declarer } = serverWith({ assertQueue: 403, checkQueue: 404 });
    await expect(declarer.queue('q', {})).rejects.toMatchObject({ code: 404 });
  });

  it('tells other failures as they are', async () => {
    const { declarer } = serverWith({ assertQueue: 406 });
    await expect(declarer.queue('q', {})).rejects.toMatchObject({ code: 406 });
  });
});
