import { carriers, type Guide, pulsar } from './carrier.ts';
import type { Count } from './count.ts';
import type { Compared } from './measure.ts';

/** What was measured, and what was left out with the reason. */
export interface Comparison {
  readonly machine: string;
  readonly date: string;
  readonly measured: readonly Compared[];
  readonly leftOut: readonly { readonly title: string; readonly reason: string }[];
}

const none = '–';
const head = [
  'broker',
  'guides: throughput',
  'latency',
  'durability',
  'ordering',
  'measured: messages/s',
  'p50 / p99 ms',
  'consumer killed: lost, twice, out of order',
  'server killed: lost, twice, out of order',
];

/** The lines of the table, as Markdown that is readable in a terminal too, with the notes below it. */
export function compareTable({ machine, date, measured, leftOut }: Comparison): string[] {
  const rows = [
    ...measured.map(({ carrier, ...figures }) => [
      carrier.title,
      ...guideOf(carrier.guide),
      Math.round(figures.perSecond).toLocaleString('en-US'),
      `${figures.p50Ms.toFixed(1)} / ${figures.p99Ms.toFixed(1)}`,
      countText(figures.consumerKilled),
      countText(figures.serverKilled),
    ]),
    ...leftOut.map(({ title }) => {
      const guide = carriers.find((each) => each.title === title)?.guide ?? null;
      return [title, ...guideOf(guide), none, none, none, none];
    }),
    [pulsar.title, ...guideOf(pulsar.guide), none, none, none, none],
  ];
  return [
    `${date}, ${machine}`,
    '',
    ...padded([head, ...rows]),
    '',
    ...measured.map(({ carrier }) => `- ${carrier.title}: ${carrier.note}.`),
    ...leftOut.map(({ title, reason }) => `- ${title} was left out: ${reason}.`),
  ];
}

const guideOf = (guide: Guide | null): string[] =>
  guide
    ? [guide.throughput, guide.latency, guide.durability, guide.ordering]
    : [none, none, none, none];

const countText = (count: Count | null): string =>
  count ? `${count.lost}, ${count.duplicated}, ${count.outOfOrder} of ${count.confirmed}` : none;

function padded(rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lineOf = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [first = [], ...others] = rows;
  const rule = widths.map((width) => '-'.repeat(width));
  return [lineOf(first), lineOf(rule), ...others.map(lineOf)];
}
