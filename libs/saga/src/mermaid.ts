import type { Saga, Step } from './saga.ts';

/** Renders the saga as a Mermaid flow chart: steps from top to bottom, undos back up. */
export function mermaid<D>(saga: Saga<D>): string {
  const { steps } = saga;
  const lines = steps.flatMap((step, index) => {
    const next = steps[index + 1];
    return [
      `  ${id(step)}[${step.name}${noteOf(step)}]`,
      `  ${id(step)} -->${label(step.succeedsOn)} ${next ? id(next) : 'completed'}`,
      ...failureOf(saga, index),
    ];
  });
  const undone = steps.filter((step) => step.undo);
  const undos = undone.map((step, index) => {
    const earlier = undone[index - 1];
    return `  ${undoId(step)}[/undo ${step.name}/] -->${label(step.undoneOn)} ${earlier ? undoId(earlier) : 'aborted'}`;
  });
  const [first] = steps;
  return [
    'flowchart TD',
    `  start([${saga.name} v${saga.version}]) --> ${first ? id(first) : 'completed'}`,
    ...lines,
    ...undos,
    '  completed([completed])',
    '  aborted([aborted])',
    '',
  ].join('\n');
}

function failureOf<D>(saga: Saga<D>, index: number): string[] {
  const step = saga.steps[index];
  if (!step?.send || index > saga.pivot) return [];
  const before = lastUndo(saga.steps.slice(0, index));
  const no = step.failsOn ? [`  ${id(step)} -.->${label(step.failsOn)} ${before}`] : [];
  if (index === saga.pivot) return no;
  const included = lastUndo(saga.steps.slice(0, index + 1));
  return [...no, `  ${id(step)} -.->|no reply in time| ${included}`];
}

function lastUndo<D>(steps: readonly Step<D>[]): string {
  const last = steps.filter((step) => step.undo).at(-1);
  return last ? undoId(last) : 'aborted';
}

const noteOf = <D>(step: Step<D>): string => {
  if (step.pivot) return '<br/>pivot';
  if (step.when) return '<br/>if needed';
  if (step.retriable) return '<br/>until it works';
  return step.send ? '' : '<br/>in the same commit';
};

const label = (contract: { readonly type: string } | undefined): string =>
  contract ? `|${contract.type}|` : '';

const id = <D>(step: Step<D>): string => step.name.replaceAll('-', '_');
const undoId = <D>(step: Step<D>): string => `undo_${id(step)}`;
