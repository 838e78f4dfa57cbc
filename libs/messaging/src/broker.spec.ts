import { describe, expect, it } from '@jest/globals';
import { bodyText } from './broker.ts';

describe('the body of a message', () => {
  it.each(['', '{"a":1}', 'Amélie 你好 😀', '\ufeff{}', 'a\u0000b', '\ufffd'])(
    'is its text where that gives the bytes back: %j',
    (text) => {
      expect(bodyText(Buffer.from(text))).toEqual({ body: text });
    },
  );

  it.each([
    ['latin1', Buffer.from('{"name":"Amélie"}', 'latin1')],
    ['UTF-16', Buffer.from('{}', 'utf16le').subarray(0, 3)],
    ['an overlong encoding', Buffer.from([0xc0, 0xaf])],
    ['half a character', Buffer.from([0x61, 0xe2, 0x82])],
    ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ])('is kept as bytes too where it is no UTF-8: %s', (_, bytes) => {
    const { body, bytes: kept } = bodyText(bytes);
    expect(Buffer.from(body).equals(bytes)).toBe(kept === undefined);
    if (kept) expect(kept.equals(bytes)).toBe(true);
  });
});
