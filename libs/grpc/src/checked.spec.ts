import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checked } from './checked.ts';
import { Refusal } from './refusal.ts';
import { readDetails, writeDetails } from './status-details.ts';

const request = z.object({ lines: z.array(z.object({ sku: z.string().min(1, 'is empty') })) });

describe('a checked request', () => {
  it('is what its schema makes of it', () => {
    expect(checked(request, { lines: [{ sku: 'A', more: 1 }] })).toEqual({ lines: [{ sku: 'A' }] });
  });

  it('is refused with the path of each wrong field, which travels with the status', () => {
    const refused = refusalBy(() => checked(request, { lines: [{ sku: '' }, { sku: '' }] }));
    expect(refused).toMatchObject({ status: 'INVALID_ARGUMENT', message: 'lines[0].sku is empty' });
    expect(readDetails(writeDetails(refused) ?? undefined)).toEqual({
      reason: 'invalid_request',
      about: {},
      violations: [
        { field: 'lines[0].sku', description: 'is empty' },
        { field: 'lines[1].sku', description: 'is empty' },
      ],
    });
  });

  it('names the whole when that is wrong', () => {
    expect(refusalBy(() => checked(request, 7)).violations[0]?.field).toBe('the request');
  });
});

describe('details of a status', () => {
  it('are not there when there is nothing to say', () => {
    expect(writeDetails(new Refusal('INTERNAL', 'no'))).toBeNull();
  });

  it.each(['', 'ff', '0aff', 'ffffffffffffffffff'])(
    'that are no details say nothing: %s',
    (hex) => {
      const nothing = { reason: null, about: {}, violations: [] };
      expect(readDetails(Buffer.from(hex, 'hex'))).toEqual(nothing);
    },
  );
});

function refusalBy(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
