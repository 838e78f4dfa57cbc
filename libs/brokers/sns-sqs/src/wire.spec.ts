import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import type { Outgoing } from '@waybill/messaging';
import { messageGroup } from './publisher.ts';
import { asciiJson, pack, unpack } from './wire.ts';

function message(body: string, envelope: Partial<Outgoing['envelope']> = {}): Outgoing {
  const id = newId();
  return {
    channel: 'order.events',
    body,
    envelope: {
      id,
      type: 'order.placed',
      version: 1,
      kind: 'event',
      occurredAt: new Date().toISOString(),
      key: 'k',
      correlationId: id,
      causationId: null,
      traceparent: null,
      priority: 'normal',
      expiresAt: null,
      source: 'shop',
      sequence: null,
      attributes: {},
      routingKey: 'order.placed.v1',
      data: {},
      ...envelope,
    },
  };
}
/** As SNS delivers it with raw delivery. */
const arrived = (packed: ReturnType<typeof pack>) =>
  unpack({ Body: packed.body, MessageAttributes: { ...packed.attributes } });

describe('a message on the wire', () => {
  it.each([
    '{"half":',
    'Grüße, 東京 🚀',
    '\u0000',
    '',
    'tab\tline\r\n',
    '\ufffe',
    '{"a":"\\ud800"}',
  ])('comes as it was sent: %j', (body) => {
    const packed = pack(message(body));
    expect(packed.body).not.toBe('');
    expect(arrived(packed).body).toBe(body);
  });

  it('says what is needed without its body', () => {
    const expiresAt = '2026-01-01T00:00:00.000Z';
    const { mark, routingKey } = arrived(pack(message('x', { key: 'ключ 🚀 \u0000', expiresAt })));
    expect(mark).toEqual({ channel: 'order.events', key: 'ключ 🚀 \u0000', expiresAt });
    expect(routingKey).toBe('order.placed.v1');
  });

  it('has at most ten attributes, because raw delivery drops more, and overflows to the mark', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`a${n}`, `${n}`]));
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const packed = pack(message('x', { attributes: many, traceparent }));
    expect(Object.keys(packed.attributes).length).toBeLessThanOrEqual(10);
    expect(arrived(packed)).toMatchObject({ overflows: true, mark: { attributes: many } });
    const five = Object.fromEntries(Object.entries(many).slice(0, 5));
    const full = pack(message('x', { attributes: five, traceparent }));
    expect(Object.keys(full.attributes).length).toBe(10);
    expect(arrived(full).overflows).toBe(false);
  });

  it.each([
    ['region', ''],
    ['region', '\u0000'],
    ['id', 'x'],
    ['a b', 'x'],
    ['AWS.x', 'x'],
  ])('overflows with an attribute that SNS does not take: %s=%j', (name, value) => {
    const packed = pack(message('x', { attributes: { [name]: value } }));
    expect(arrived(packed).overflows).toBe(true);
  });

  it('counts every byte of body and attributes', () => {
    const packed = pack(message('ä'.repeat(10)));
    const names = Object.entries(packed.attributes);
    const counted = names.map(
      ([name, { StringValue = '' }]) => name.length + 6 + StringValue.length,
    );
    expect(packed.bytes).toBe(20 + counted.reduce((sum, each) => sum + each, 0));
  });
});

describe('what a foreign client sent', () => {
  const foreign = (value: string) =>
    unpack({
      Body: 'x',
      MessageAttributes: { waybill: { DataType: 'String', StringValue: value } },
    });

  it.each([
    '',
    'null',
    '[]',
    '{"channel":1,"key":"k"}',
    '{"channel":"c"}',
    '{"channel":"c","key":"k","expiresAt":1}',
    '"x"',
    '7',
  ])('has no mark of ours: %s', (value) =>
    expect(foreign(value)).toMatchObject({ body: 'x', mark: null }),
  );

  it('may have nothing at all, or attributes of any type', () => {
    expect(unpack({})).toEqual({ body: '', mark: null, routingKey: '', overflows: false });
    const binary = { DataType: 'Binary', BinaryValue: new Uint8Array([1]) };
    expect(unpack({ Body: 'x', MessageAttributes: { waybill: binary } }).mark).toBe(null);
  });

  it('is kept as bytes where it claims to be base64 and is no text', () => {
    const bytes = Buffer.from([0xff, 0x00, 0x61]);
    const mark = JSON.stringify({ channel: 'c', key: 'k', encoding: 'base64' });
    const found = unpack({
      Body: bytes.toString('base64'),
      MessageAttributes: { waybill: { DataType: 'String', StringValue: mark } },
    });
    expect(found.bytes).toEqual(bytes);
    expect(found.body).toBe(bytes.toString('utf8'));
  });
});

it('a message group is made of every key, and never of two alike', () => {
  const keys = ['k', 'order 7', '', 'ключ', 'x'.repeat(126), 'x'.repeat(127), 'h-1', '\u0000'];
  const groups = keys.map(messageGroup);
  expect(new Set(groups).size).toBe(keys.length);
  for (const group of groups) expect(group).toMatch(/^[\x21-\x7e]{1,128}$/);
});

it('JSON in ASCII says the same', () => {
  const value = { text: 'Grüße 🚀 \u2028 \u007f' };
  expect(asciiJson(value)).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(asciiJson(value))).toEqual(value);
});
