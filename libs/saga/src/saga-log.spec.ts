import { expect, it } from '@jest/globals';
import { lineOf, logOf, notesOf } from './saga-log.ts';
import type { SagaLogEntry, SagaState } from './saga-state.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const resent = (minute: number, detail = 'no answer'): SagaLogEntry => ({
  at: at(minute),
  step: 'charge-card',
  what: 'resent',
  detail,
});

it('counts repetitions in one line, with their first and their last time', () => {
  expect(logOf([resent(1), resent(2), resent(3)])).toEqual([
    { ...resent(3), since: at(1), times: 3 },
  ]);
});

it('keeps what differs in its detail on lines of their own: an operator who asked, another error', () => {
  const log = logOf([resent(1), resent(2, 'asked by an operator'), resent(3)]);
  expect(log.map(({ detail }) => detail)).toEqual([
    'no answer',
    'asked by an operator',
    'no answer',
  ]);
});

it('adds to what an earlier release has counted', () => {
  const counted = { ...resent(5), since: at(1), times: 4 };
  expect(logOf([counted, resent(6)])).toEqual([{ ...resent(6), since: at(1), times: 5 }]);
});

it('has an end, where the last line tells the latest', () => {
  const lines = Array.from({ length: 300 }, (_, i) => resent(i, `error ${i}`));
  const log = logOf(lines);
  expect(log).toHaveLength(200);
  expect(log.at(-1)).toEqual(lines.at(-1));
});

it('comes back from the notes of its messages as it was', () => {
  const did = [resent(1), { at: at(1), step: null, what: 'completed' } as const];
  const notes = notesOf({ state: { saga: 'book-trip' } as SagaState, did });
  expect(notes.map((note) => lineOf(note, at(1)))).toEqual(did);
});
