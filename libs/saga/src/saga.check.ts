import { duration } from '@waybill/resilience';
import { repliesOf, type Saga, type Step } from './saga.ts';

/** Throws a `TypeError` that lists every mistake in a definition, before any saga runs on it. */
export function checkSaga<D>(saga: Saga<D>): void {
  const problems = [
    ...(saga.steps.length === 0 ? ['it has no steps'] : []),
    ...(Number.isInteger(saga.version) && saga.version > 0
      ? []
      : ['its version is not an integer > 0']),
    ...repeated(saga.steps.map((step) => step.name)).map((name) => `two steps are named ${name}`),
    ...(saga.steps.filter((step) => step.pivot).length > 1 ? ['it has more than one pivot'] : []),
    ...saga.steps.flatMap((step, index) =>
      [...problemsOfStep(step), ...problemsOfPlace(step, index, saga.pivot)].map(
        (problem) => `${step.name} ${problem}`,
      ),
    ),
    ...ambiguousReplies(saga.steps),
    ...(saga.record
      ? []
      : saga.steps
          .filter(records)
          .map(({ name }) => `${name} records, but the saga has no record`)),
  ];
  if (problems.length) throw new TypeError(`saga ${saga.name}: ${problems.join('; ')}`);
}

function problemsOfStep<D>(step: Step<D>): string[] {
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]*$/.test(step.name))
    problems.push('is not a valid name of a step (lower-case letters, digits and dashes)');
  if (step.undo && !step.undoneOn) problems.push('has an undo but no undoneOn');
  if (step.recordUndone && !step.undo) problems.push('has a recordUndone but no undo');
  if (step.undoneOn && !step.undo) problems.push('has an undoneOn but no undo');
  if (step.reason && !step.failsOn) problems.push('has a reason but no failsOn');
  if (step.pivot && step.when)
    problems.push('is the pivot, which every saga needs: it has no when');
  if (step.pivot && step.retriable) problems.push('is the pivot and cannot be retriable too');
  if (!step.delayedOn !== !step.delayedUntil)
    problems.push('needs both delayedOn and delayedUntil, or neither');
  for (const contract of repliesOf(step)) {
    if (contract.kind !== 'reply' && contract.kind !== 'event')
      problems.push(`waits for ${contract.type}, a ${contract.kind}: use a reply or an event`);
  }
  if (step.within) {
    try {
      duration(step.within);
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}

/** Before the pivot every step must have an undo, after it every step is repeated until it succeeds; otherwise a saga could end half done. */
function problemsOfPlace<D>(step: Step<D>, index: number, pivot: number): string[] {
  if (index < pivot) return step.retriable ? ['is retriable but stands before the pivot'] : [];
  const problems: string[] = [];
  if (step.undo) problems.push('has an undo but nothing is undone from the pivot on');
  if (index === pivot) return problems;
  if (step.send && !step.retriable) problems.push('comes after the pivot and must be retriable');
  return problems;
}

const records = <D>(step: Step<D>): boolean => Boolean(step.record ?? step.recordUndone);

/** A late copy of one step's reply must never be mistaken for the reply of another step. */
const ambiguousReplies = <D>(steps: readonly Step<D>[]): string[] =>
  repeated(steps.flatMap((step) => repliesOf(step).map((contract) => contract.type))).map(
    (type) => `${type} answers more than one question`,
  );

const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
