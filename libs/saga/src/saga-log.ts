import type { Ended } from '@waybill/messaging';
import type { SagaDecision } from './saga-decision.ts';
import type { SagaHappening, SagaLogEntry, SagaState } from './saga-state.ts';

/** A log line as a note of the message that caused it; its time is that of the message. */
export type SagaNote = readonly [
  saga: string,
  what: SagaHappening,
  step: string | null,
  detail?: string,
];

const mostLines = 200;

/** The lines that a decision adds to the log of its saga, as the `notes` of the message. */
export const notesOf = ({ state, did }: Pick<SagaDecision, 'state' | 'did'>): readonly SagaNote[] =>
  did.map(({ what, step, detail }) =>
    detail === undefined ? [state.saga, what, step] : [state.saga, what, step, detail],
  );

/** What ends a step, or its undo. */
const ends: ReadonlySet<SagaHappening> = new Set(['succeeded', 'failed', 'timed-out', 'undone']);

/** The steps that end with a decision, for the trace; the step under way began with the last change of its saga. */
export const endedOf = ({ saga, updatedAt: since }: SagaState, did: SagaDecision['did']): Ended[] =>
  did.flatMap(({ what, step }) =>
    ends.has(what) ? [{ name: `saga ${saga} ${step} ${what}`, since }] : [],
  );

/** The log line of a note. */
export const lineOf = ([, what, step, detail]: SagaNote, at: string): SagaLogEntry =>
  detail === undefined ? { at, step, what } : { at, step, what, detail };

/**
 * The log for display: a repeated line is counted, with its first and last time, and beyond 200 lines only the last line is
 * replaced. Lines that differ only in their detail are not repetitions: it may be another error or another operator.
 */
export function logOf(lines: Iterable<SagaLogEntry>): readonly SagaLogEntry[] {
  const log: SagaLogEntry[] = [];
  for (const line of lines) {
    const last = log.at(-1);
    if (last && isSame(last, line)) {
      const again = { since: last.since ?? last.at, times: (last.times ?? 1) + (line.times ?? 1) };
      log[log.length - 1] = { ...line, ...again };
    } else if (log.length < mostLines) log.push(line);
    else log[log.length - 1] = line;
  }
  return log;
}

const isSame = (a: SagaLogEntry, b: SagaLogEntry): boolean =>
  a.step === b.step && a.what === b.what && a.detail === b.detail;
