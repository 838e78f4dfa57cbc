import { describe, expect, it } from '@jest/globals';
import type { StoredRecord } from './client/kafka-client.ts';
import { routingOf } from './record.ts';

const stored = (value: string, headers: Readonly<Record<string, string>> = {}): StoredRecord => ({
  offset: 0,
  timestamp: 0,
  key: null,
  value,
  headers: new Map(Object.entries(headers)),
});
const nowhere = { routingKey: null, attributes: {}, expiresAt: null };

describe('the routing of a record', () => {
  it('is read from the headers', () => {
    const headers = {
      'routing-key': 'order.placed.v1',
      attributes: '{"region":"europe"}',
      'expires-at': '2026-01-01T00:00:00.000Z',
    };
    expect(routingOf(stored('no JSON', headers))).toEqual({
      routingKey: 'order.placed.v1',
      attributes: { region: 'europe' },
      expiresAt: Date.UTC(2026, 0, 1),
    });
  });

  it('is read from the body where a foreign client sent no headers', () => {
    const body = { routingKey: 'a.b', attributes: { band: 'high' }, expiresAt: null };
    expect(routingOf(stored(JSON.stringify(body)))).toEqual({
      routingKey: 'a.b',
      attributes: { band: 'high' },
      expiresAt: null,
    });
  });

  it.each(['', 'null', '[]', '{"half":', '{"routingKey":7}', 'plain text', '\u0000'])(
    'is unknown for the body %j without headers',
    (body) => {
      expect(routingOf(stored(body))).toEqual(nowhere);
    },
  );

  it('leaves out of forged attributes what is no text', () => {
    const headers = { 'routing-key': 'a.b', attributes: '{"a":1,"b":"two","c":null}' };
    expect(routingOf(stored('', headers)).attributes).toEqual({ b: 'two' });
  });

  it.each(['tomorrow', '', '99999-99-99'])('takes %j for no expiry', (text) => {
    const headers = { 'routing-key': 'a.b', 'expires-at': text };
    expect(routingOf(stored('', headers)).expiresAt).toBe(null);
  });
});
