import { describe, expect, it } from '@jest/globals';
import { refresh, type Session } from './session.ts';

const at = '2026-01-01T12:00:00.000Z';
const session: Session = {
  id: 's',
  customerId: 'ada',
  familyHash: 'family',
  tokenHash: 'two',
  startedAt: '2026-01-01T00:00:00.000Z',
  refreshedAt: '2026-01-01T06:00:00.000Z',
  expiresAt: '2026-01-31T00:00:00.000Z',
  endedAt: null,
  endReason: null,
};
const shown = (tokenHash: string, wasValid = tokenHash === 'two') => ({
  tokenHash,
  wasValid,
  nextTokenHash: 'three',
  expiresAt: '2026-02-01T00:00:00.000Z',
});

describe('a session', () => {
  it('replaces its refresh token by the next, which lives anew', () => {
    expect(refresh(session, shown('two'), at)).toEqual({
      outcome: 'refreshed',
      session: {
        ...session,
        tokenHash: 'three',
        refreshedAt: at,
        expiresAt: '2026-02-01T00:00:00.000Z',
      },
    });
  });

  it('ends when a refresh token comes that was used before', () => {
    expect(refresh(session, shown('one'), at)).toMatchObject({
      outcome: 'reused',
      session: { endedAt: at, endReason: 'reused', tokenHash: 'two' },
    });
  });

  it('goes on when another request with the same token was faster', () => {
    expect(refresh(session, shown('one', true), at)).toEqual({ outcome: 'overtaken' });
  });

  it.each([
    ['has ended', { ...session, endedAt: at, endReason: 'signed_out' as const }],
    ['has expired', { ...session, expiresAt: at }],
    ['never was', undefined],
  ])('that %s gives nothing for any token', (_, over) => {
    for (const token of ['one', 'two']) {
      expect(refresh(over, shown(token), at)).toEqual({ outcome: 'ended' });
    }
  });
});
