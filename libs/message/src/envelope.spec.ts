import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { channelOf, kindOfChannel, kinds } from './channel.ts';
import { event, live, type Message } from './contract.ts';
import { decode, type Envelope, encode, MalformedEnvelope, wrap } from './envelope.ts';
import { newId } from './id.ts';

const cause = { id: newId(), correlationId: 'conversation', traceparent: null };
const context = { cause, source: 'order', now: new Date('2026-01-01T12:00:00Z'), name: '0' };
const Knocked = event('door.knocked', {
  schema: z.strictObject({ door: z.string(), at: z.string() }),
  key: ({ door }) => door,
  qualifiers: ({ door }) => [door],
  attributes: ({ door }) => ({ door }),
  summary: 'Somebody knocked.',
});
const message = Knocked({ door: 'front', at: '2026-01-01T12:00:00.000Z' });
const envelope = wrap(message, context);

describe('a channel', () => {
  it.each(kinds)('tells that it carries messages of the kind %s', (kind) => {
    expect(kindOfChannel(channelOf({ context: 'order', kind }))).toBe(kind);
  });

  it('of another name tells nothing', () => {
    expect(['http', '', 'order', 'order.', 'order.things'].map(kindOfChannel)).toEqual(
      Array(5).fill(undefined),
    );
  });
});

describe('a wrapped message', () => {
  it('comes back as it went', () => {
    expect(decode(encode(envelope))).toEqual(envelope);
  });

  it('is the same again when its cause is decided again', () => {
    expect(wrap(message, context)).toEqual(envelope);
    expect(wrap(message, { ...context, name: '1' }).id).not.toBe(envelope.id);
  });

  it.each([['x'.repeat(256)], ['U+0000: \u0000'], ['half a pair: \ud83d']])(
    'is refused when nobody could read its key or an attribute again: %j',
    (name) => {
      const about = { schema: z.strictObject({}), summary: '' };
      const keyed = event('shop.told', { ...about, key: () => name })({});
      const marked = event('shop.told', { ...about, key: () => 'k', attributes: () => ({ name }) })(
        {},
      );
      for (const each of [keyed, marked])
        expect(() => wrap(each, context)).toThrow(MalformedEnvelope);
    },
  );

  it('differs between services that give it the same name', () => {
    const named = { ...message, options: { name: 'x' } };
    const ids = ['order', 'payment'].map((source) => wrap(named, { ...context, source }).id);
    expect(new Set(ids).size).toBe(2);
  });

  it('expires after the time of its contract, unless it names another', () => {
    const about = { schema: z.strictObject({}), summary: '', key: () => 'k', ttl: 60_000 };
    const Opened = live('door.opened', about);
    const expiryOf = (made: Message) => wrap(made, { ...context, now }).expiresAt;
    const now = new Date('2026-01-01T00:00:00.000Z');
    const expiresAt = '2026-01-02T00:00:00.000Z';
    expect(expiryOf(Opened({}))).toBe('2026-01-01T00:01:00.000Z');
    expect(expiryOf(Opened({}, { expiresAt }))).toBe(expiresAt);
    expect(envelope.expiresAt).toBeNull();
  });

  it('carries the qualifiers of its contract in its routing key', () => {
    expect(envelope.routingKey).toBe('door.knocked.v1.front');
  });
});

describe('decode', () => {
  it.each<[string, Partial<Record<keyof Envelope, unknown>>]>([
    ['an id that is no UUID of version 7', { id: '9b2d3f1e-0000-4000-8000-000000000000' }],
    ['an id in capitals, which the inbox would take for another', { id: newId().toUpperCase() }],
    ['a key with U+0000, which no column holds', { key: 'a\u0000b' }],
    ['a key with a lone surrogate', { key: '\ud800' }],
    ['a key too long for an index', { key: 'k'.repeat(3000) }],
    ['an unknown kind', { kind: 'rumour' }],
    ['an unknown priority', { priority: 'urgent' }],
    ['a time that is none', { occurredAt: '2026-99-01T00:00:00Z' }],
    ['an expiry that is no time', { expiresAt: 'soon' }],
    ['a version of 0', { version: 0 }],
    ['a sequence that is no integer', { sequence: 1.5 }],
    ['attributes that are no text', { attributes: { region: 1 } }],
    ['attributes in an array', { attributes: ['europe'] }],
    ['attributes that no broker would carry', { attributes: { ['n'.repeat(9_000)]: 'x' } }],
  ])('refuses %s', (_, wrong) => {
    expect(() => decode(JSON.stringify({ ...envelope, ...wrong }))).toThrow(MalformedEnvelope);
  });

  it('drops fields that it does not know', () => {
    const body = JSON.stringify({ ...envelope, dataRef: 'later' });
    expect(decode(body)).toEqual(envelope);
  });

  it('either reads an envelope or says that it is malformed, whatever comes', () => {
    const nearly = fc
      .record({ field: fc.constantFrom(...Object.keys(envelope)), value: fc.jsonValue() })
      .map(({ field, value }) => JSON.stringify({ ...envelope, [field]: value }));
    const cut = fc.nat(encode(envelope).length).map((at) => encode(envelope).slice(0, at));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), nearly, cut), (body) => {
        try {
          const read = decode(body);
          expect(decode(encode(read))).toEqual(read);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedEnvelope);
        }
      }),
    );
  });
});
