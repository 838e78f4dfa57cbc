import type { JSX } from 'preact';
import { type Arrow, carrierOf, keyOf, remarksOn, type Sequence } from './sequence.ts';
import { since } from './times.ts';

const columnWidth = 106;
const gutter = 62;
/** A longer one is set closer. */
const longestName = 14;
const rowHeight = 46;
const headHeight = 40;
const xOf = (participant: number): number => gutter + columnWidth * (participant + 0.5);
const yOf = (row: number): number => headHeight + rowHeight * (row + 0.75);

/** Where participants are columns, and each message is an arrow in the colour of its broker. */
export function SequenceDiagram({
  participants,
  arrows,
  brokers,
}: Sequence & {
  brokers: readonly string[];
}): JSX.Element {
  const width = gutter + columnWidth * participants.length;
  const began = Date.parse(arrows[0]?.hop.at ?? '');
  const height = headHeight + rowHeight * (arrows.length + 0.5);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
    <section class="scrolls" aria-label="Sequence diagram" tabIndex={0}>
      <svg
        class="sequence"
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`${arrows.length} messages between ${participants.join(', ')}; the list has the same in words`}
      >
        <defs>
          <marker
            id="head"
            viewBox="0 0 10 10"
            refX="9"
            refY="5"
            markerWidth="8"
            markerHeight="8"
            orient="auto"
          >
            <path d="M0 1 L9 5 L0 9" class="head" />
          </marker>
        </defs>
        {participants.map((name, place) => (
          <g key={name}>
            <line class="life" x1={xOf(place)} x2={xOf(place)} y1={headHeight} y2={height} />
            <rect
              class="participant"
              x={xOf(place) - columnWidth / 2 + 2}
              y={4}
              width={columnWidth - 4}
              height={headHeight - 10}
              rx={6}
            />
            <text
              class="name"
              x={xOf(place)}
              y={headHeight / 2 + 4}
              textLength={name.length > longestName ? columnWidth - 12 : undefined}
              lengthAdjust="spacingAndGlyphs"
            >
              {name}
            </text>
          </g>
        ))}
        {arrows.map((arrow, row) => (
          <g key={keyOf(arrow)}>
            <text class="since" x={0} y={yOf(row) + 4}>
              {since(Math.max(0, Date.parse(arrow.hop.at) - began))}
            </text>
            <Line arrow={arrow} row={row} of={brokers} />
          </g>
        ))}
      </svg>
    </section>
  );
}

function Line({
  arrow,
  row,
  of,
}: {
  arrow: Arrow;
  row: number;
  of: readonly string[];
}): JSX.Element {
  const { hop, from, to, isUndo } = arrow;
  const y = yOf(row);
  const remarks = remarksOn(hop);
  const isOver = from === to;
  const look = `arrow broker-${of.indexOf(hop.broker) % 5} ${hop.outcome ?? ''} ${isUndo ? 'undo' : ''}`;
  const middle = isOver ? xOf(from) + 14 : (xOf(from) + xOf(to)) / 2;
  return (
    <g class={look}>
      <title>
        {[hop.kind, hop.name, `${carrierOf(hop.broker)} ${hop.channel}`, ...remarks].join(', ')}
      </title>
      {isOver ? (
        <circle cx={xOf(from)} cy={y} r={5} />
      ) : (
        <path d={`M${xOf(from)} ${y} H${xOf(to)}`} marker-end="url(#head)" />
      )}
      <text class={isOver ? 'label beside' : 'label'} x={middle} y={isOver ? y + 4 : y - 9}>
        {shortName(hop.name)}
      </text>
      {remarks.length > 0 && (
        <text class={isOver ? 'remark beside' : 'remark'} x={middle} y={isOver ? y + 18 : y + 14}>
          {remarks.join(', ')}
        </text>
      )}
    </g>
  );
}

/** Without what its place shows: the service or saga that it is of, and that it is a call. */
const shortName = (name: string): string =>
  name.slice(name.indexOf('.') + 1).replace(/\.call$/, '');
