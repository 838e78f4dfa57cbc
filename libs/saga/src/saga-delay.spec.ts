import { describe, expect, it } from '@jest/globals';
import { command, instant, reply } from '@waybill/message';
import { z } from 'zod';
import { defineSaga } from './define-saga.ts';
import { begin, react } from './react.ts';
import { sagaSpec } from './testing/saga-spec.ts';

const about = {
  key: (data: { tripId: string }) => data.tripId,
  summary: 'for tests',
  schema: z.strictObject({ tripId: z.string() }),
};
const RequestPassport = command('border.request-passport', about);
const PassportShown = reply('border.passport-shown', about);
const PassportAwaited = reply('border.passport-awaited', {
  ...about,
  schema: about.schema.extend({ until: instant }),
});
const PassportForgotten = command('border.forget-passport', about);
const Forgotten = reply('border.forgotten', about);
const enter = {
  send: ({ tripId }: { tripId: string }) => RequestPassport({ tripId }),
  succeedsOn: PassportShown,
  undo: ({ tripId }: { tripId: string }) => PassportForgotten({ tripId }),
  undoneOn: Forgotten,
};
const sagaWith = (delay: object) =>
  defineSaga({
    name: 'cross-border',
    version: 1,
    data: z.strictObject({ tripId: z.string() }),
    key: ({ tripId }) => tripId,
    steps: (step) => [step('show-passport', { ...enter, ...delay })],
  });
const cross = sagaWith({
  delayedOn: PassportAwaited,
  delayedUntil: ({ until }: { until: string }) => until,
});

const tripId = '019a9c40-0000-7000-8000-000000000001';
const until = '2026-01-01T18:00:00.000Z';
const awaited = PassportAwaited({ tripId, until });
const spec = sagaSpec(cross, { tripId });

describe('a notice that a reply takes longer', () => {
  it('moves the reply timeout: it counts from the time of the notice', () => {
    const { state } = spec.when(awaited).thenNothing().thenWaitsAt('show-passport').decision;
    expect(state).toMatchObject({ phase: 'waiting', dueAt: '2026-01-01T18:15:00.000Z' });
  });

  it('outlasts the timer that was set for the command, and ends by its own', () => {
    const now = new Date('2026-01-01T12:00:00.000Z');
    const before = begin(cross, { tripId }, { now }).state;
    const timer = { timedOut: 'show-passport', dueAt: before.dueAt ?? '' };
    spec.given(awaited).when(timer).thenNothing().thenWaitsAt('show-passport');
    const notice = { type: awaited.contract.type, data: awaited.data };
    const { state } = react(cross, before, notice, { now });
    const own = { timedOut: 'show-passport', dueAt: state.dueAt ?? '' };
    expect(react(cross, state, own, { now }).state.status).toBe('compensating');
  });

  it('is followed by the reply, and changes nothing after it or while the saga undoes', () => {
    const shown = PassportShown({ tripId });
    spec.given(awaited).when(shown).thenCompletes();
    expect(spec.given(shown).when(awaited).decision.did).toEqual([]);
    expect(spec.given({ cancel: 'late' }).when(awaited).decision.did).toEqual([]);
  });

  it('needs to know until when', () => {
    expect(() => sagaWith({ delayedOn: PassportAwaited })).toThrow(/delayedUntil/);
  });
});
