import type { JSX } from 'preact';

const [width, height] = [96, 24];

/** The course of one figure in a row of a table, which has its latest value beside it. */
export function Spark({ values }: { values: readonly number[] }): JSX.Element {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (value, at) =>
      `${(at * step).toFixed(1)},${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`,
  );
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
