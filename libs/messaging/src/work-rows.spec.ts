import { describe, expect, it } from '@jest/globals';
import { add, clock, junk } from './testing/works.fixture.ts';
import { codeOf, deadRow, errorText } from './work-rows.ts';

const now = clock.now();

describe('the dead letter of a message', () => {
  it('has one id for each death: of a group, and after each redrive', () => {
    const work = add(1);
    const deaths = [work, { ...work, group: 'audit' }, { ...work, attempt: 5 }];
    const ids = deaths.map((each) => deadRow(each, new Error('no'), now).id);
    expect(new Set(ids).size).toBe(3);
    expect(deadRow({ ...work }, new Error('no'), now).id).toBe(ids[0]);
  });

  it('has an id also when it cannot be read', () => {
    const ids = [junk(), junk()].map((each) => deadRow(each, new Error('no'), now).id);
    expect(new Set(ids).size).toBe(2);
  });

  it('says what an error says, whatever was thrown, as a column can hold it', () => {
    expect(errorText(new Error('a\0b'))).toBe('a\\u0000b');
    expect([errorText('no'), codeOf('no'), codeOf({ code: 7 })]).toEqual([
      'no',
      'handler_failed',
      '7',
    ]);
    expect(deadRow(add(1), 'no', now)).toMatchObject({ error: 'no', stack: null });
  });
});
