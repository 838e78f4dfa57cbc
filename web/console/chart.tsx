import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Samples } from './history.ts';
import { known } from './times.ts';

type Tone = 'accent' | 'good' | 'bad' | 'wait';

/** Of a page that was just opened. */
const leastSeconds = 60;

interface ChartLine<K extends string> {
  readonly name: K;
  readonly tone: Tone;
}

/** Lines over the last minutes, with their latest values in words. */
export function Chart<K extends string>({
  title,
  lines,
  samples,
  format,
  least = 1,
}: {
  title: string;
  lines: readonly ChartLine<K>[];
  samples: Samples<K>;
  format: (value: number) => string;
  /** The highest value of the axis when all values are lower. */
  least?: number;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = [samples.times, ...lines.map(({ name }) => samples.values[name])];
  useEffect(() => {
    if (!place.current) return;
    const box = place.current;
    const made = new uPlot(optionsOf(box, lines, format, least), data as uPlot.AlignedData, box);
    plot.current = made;
    const resized = new ResizeObserver(() =>
      made.setSize({ width: box.clientWidth, height: box.clientHeight }),
    );
    resized.observe(box);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data as uPlot.AlignedData), [samples]);
  return (
    <figure class="chart card">
      <figcaption>
        {title}
        {lines.map(({ name, tone }) => (
          <span key={name} class={`key tone-${tone}`}>
            {name} {known(samples.values[name].at(-1), format)}
          </span>
        ))}
      </figcaption>
      <div class="plot" ref={place} aria-hidden="true" />
    </figure>
  );
}

function optionsOf(
  box: HTMLElement,
  lines: readonly ChartLine<string>[],
  format: (value: number) => string,
  least: number,
): uPlot.Options {
  const axis = {
    stroke: () => colour(box, '--quiet'),
    grid: { stroke: () => colour(box, '--line'), width: 1 },
  };
  return {
    width: box.clientWidth,
    height: box.clientHeight,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: ({ data: [times] }) => timesOf(times) },
      y: { range: (_, __, most) => [0, Math.max(least, most * 1.1)] },
    },
    axes: [
      { ...axis, size: 28 },
      { ...axis, size: 76, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ tone }) => ({
        stroke: () => colour(box, `--${tone}`),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}

/** Not what uPlot would show: of one sample, the whole day around it. */
function timesOf(samples: ArrayLike<number>): [number, number] {
  const last = samples[samples.length - 1] ?? Date.now() / 1_000;
  return [Math.min(samples[0] ?? last, last - leastSeconds), last];
}

/** A colour of the style sheet as a canvas takes it: of the scheme that is shown now. */
function colour(box: HTMLElement, name: string): string {
  const sample = box.appendChild(document.createElement('i'));
  sample.style.color = `var(${name})`;
  const { color } = getComputedStyle(sample);
  sample.remove();
  return color;
}
