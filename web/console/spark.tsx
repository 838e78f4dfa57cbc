import type { JSX } from 'preact';

const [width, height] = [96, 24];

/** The course of one figure in a row of a table, which has its latest value beside it. What is not known is left out. */
export function Spark({ values }: { values: readonly (number | null)[] }): JSX.Element {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  const step = width / Math.max(1, values.length - 1);
  const points = values.flatMap((value, at) =>
    value === null
      ? []
      : `${(at * step).toFixed(1)},${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`,
  );
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
