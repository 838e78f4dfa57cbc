import { describe, expect, it } from '@jest/globals';
import { enteredLine, enteredText, firstUnprintable } from './entered-text.ts';

const name = enteredLine(1, 10);
const messageOf = (text: string): string | undefined =>
  name.safeParse(text).error?.issues[0]?.message;

describe('a line that a caller typed', () => {
  it('is in NFC, whichever way it was typed', () => {
    expect(name.parse('Ame\u0301lie')).toBe('Am\u00e9lie');
    expect(name.parse('\u0415\u0308')).toBe('\u0401');
  });

  it('is as long as it is in NFC', () => {
    expect(name.parse('e\u0301'.repeat(10))).toHaveLength(10);
    expect(name.safeParse('e\u0301'.repeat(11)).success).toBe(false);
  });

  it.each(['Łukasz', '李雷', 'علی\u200cرضا', '👩\u200d💻', '-', '3½', '\u3000李'])(
    'may be %j',
    (text) => {
      expect(name.parse(text)).toBe(text.normalize('NFC'));
    },
  );

  it.each([
    ' ',
    '\u00a0\u2003\u3000',
    '\u200b',
    '\u200b\u200c\u200d\u2060\ufeff',
    '\u00ad',
    '\u202e\u200f',
    '\u3164\u115f\uffa0',
    '\u2800',
    '\u034f\ufe0f',
    '\u{e0041}',
    '\ue000',
    '\uffff',
  ])('is not %j, which shows nothing', (text) => {
    expect(messageOf(text)).toBe('shows nothing');
  });

  it.each(['a\u0000', '\ud800a', 'a\udc00'])('is not %j, which nobody can store', (text) => {
    expect(messageOf(text)).toBe('holds U+0000 or a lone surrogate');
  });

  it.each([
    'a\nb',
    'a\rb',
    'a\tb',
    '\u0007a',
    'a\u007f',
    'a\u0085b',
    'a\u2028b',
    'a\u2029',
    '\u001b[2J',
  ])('is not %j, which holds a control character', (text) => {
    expect(messageOf(text)).toBe('holds a control character');
  });

  it('may be empty or blank where it may be left out', () => {
    for (const text of ['', ' ']) expect(enteredLine(0, 10).parse(text)).toBe(text);
    expect(enteredLine(0, 10).safeParse('a\nb').success).toBe(false);
  });
});

it('text of many lines keeps them, in NFC', () => {
  expect(enteredText(0, 20).parse('Ame\u0301lie\n\twrote 👋')).toBe('Am\u00e9lie\n\twrote 👋');
});

describe('what a label can show', () => {
  it.each([
    'Amélie',
    'Łukasz Żółć',
    'Ştefan Țepeș',
    'Ελένη Παπαδοπούλου',
    'Борис Ѓ.',
    'Nguyễn Thị Hạnh',
    'Ḫ ẞ § №5, 3½ – “x” … ’ €',
  ])('is %s', (text) => {
    expect(firstUnprintable(text)).toBeUndefined();
  });

  it.each([
    ['李雷', '李'],
    ['Ada علي', 'ع'],
    ['דוד', 'ד'],
    ['अनिता', 'अ'],
    ['Ada 👋', '👋'],
    ['a\u200bb', '\u200b'],
    ['a\u00adb', '\u00ad'],
    ['a\u202eb', '\u202e'],
    ['a\u0378', '\u0378'],
    ['Ａda', 'Ａ'],
    ['a\u3000b', '\u3000'],
  ])('is not %j', (text, first) => {
    expect(firstUnprintable(text)).toBe(first);
  });
});
