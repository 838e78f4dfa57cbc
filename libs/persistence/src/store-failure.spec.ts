import { describe, expect, it } from '@jest/globals';
import { BatchConflict } from '@waybill/messaging';
import { storeFailure } from './store-failure.ts';

const failureOf = (code: string) => storeFailure(Object.assign(new Error('no'), { code }));

describe('an error of the database', () => {
  it.each([
    ['a value it cannot hold', '22001', '22021', '22P05'],
    ['a constraint', '23502', '23503', '23505', '23514', '23P01'],
    ['a limit that a value breaks: too long a key, too deep a structure', '54000', '54001'],
    ['what a trigger raises', 'P0001'],
  ])('is about the data when it is about %s', (_, ...codes) => {
    for (const code of codes) expect([code, failureOf(code)]).toEqual([code, 'data']);
  });

  it('is a moment’s conflict when somebody else was quicker, and nobody is blamed', () => {
    for (const code of ['40001', '40P01', '55P03'])
      expect([code, failureOf(code)]).toEqual([code, 'conflict']);
    expect(storeFailure(new BatchConflict('version'))).toBe('conflict');
  });

  it.each([
    ['the connection', '08000', '08006', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'],
    ['a commit whose outcome is unknown', '40003'],
    ['its resources', '53100', '53200', '53300', '53400'],
    ['an operator, a time-out or its end', '57014', '57P01', '57P02', '57P03', '25P03'],
    ['its disk or itself', '58030', 'XX000', 'XX001'],
    ['a standby or a schema that is behind', '25006', '42P01', '42703', '42883'],
  ])('says nothing about any message when it is about %s', (_, ...codes) => {
    for (const code of codes) expect([code, failureOf(code)]).toEqual([code, 'unavailable']);
  });

  it('says nothing about any message when it is of no known kind', () => {
    expect([failureOf('220010'), failureOf('22'), failureOf('P0002')]).toEqual(
      Array(3).fill('unavailable'),
    );
    expect([storeFailure(new Error('gone')), storeFailure(null)]).toEqual(
      Array(2).fill('unavailable'),
    );
  });
});
