import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { Choice } from './choice.tsx';
import { type Column, Missing, Table, Trouble } from './list.tsx';
import { Spark } from './spark.tsx';
import { duration, figure, percent } from './times.ts';

type Channel = Schemas['ChannelPage']['items'][number];

const channels = signal<readonly Channel[] | null>(null);
const missing = signal<readonly string[]>([]);
const trouble = signal<string | null>(null);
/** The depths of each subscription, as long as the page is open. */
const depths = signal<ReadonlyMap<string, readonly (number | null)[]>>(new Map());
const [most, sizeOfPage] = [60, 25];
const shown = signal(sizeOfPage);

const keyOf = ({ channel, group }: Channel): string => `${channel} ${group}`;

async function read(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(api.GET('/api/v1/channels'));
  trouble.value = why;
  if (!data) return;
  channels.value = data.items;
  missing.value = data.missing;
  depths.value = new Map(
    data.items.map((each) => [
      keyOf(each),
      [...(depths.value.get(keyOf(each)) ?? []), each.depth].slice(-most),
    ]),
  );
}

effect(() => (user.value ? repeat(read, 2_000) : undefined));

const orders: Readonly<Record<string, (channel: Channel) => number>> = {
  depth: ({ depth }) => depth ?? 0,
  lag: ({ lagMs }) => lagMs ?? 0,
  rate: ({ rate }) => rate,
  errors: ({ errorRate }) => errorRate,
};
const sort = filterOfPage('sort');
const orderOf = sort === undefined ? undefined : orders[sort];

const columns: readonly Column<Channel>[] = [
  {
    title: 'Channel',
    of: ({ channel, group, broker, paused }) => (
      <>
        <a href={linkTo('channels', channel)}>{channel}</a>{' '}
        {paused && <span class="status stuck">paused</span>}
        <small class="quiet under">
          {group}, {broker}
        </small>
      </>
    ),
  },
  {
    title: 'Depth',
    isNumber: true,
    of: ({ depth }) => (depth === null ? '–' : figure(depth)),
  },
  {
    title: 'Course',
    isWide: true,
    of: (channel) => <Spark values={depths.value.get(keyOf(channel)) ?? []} />,
  },
  {
    title: 'Oldest',
    isNumber: true,
    of: ({ lagMs }) => (lagMs === null ? '–' : duration(lagMs)),
  },
  { title: 'A second', isNumber: true, of: ({ rate }) => figure(rate) },
  {
    title: 'Failed',
    isNumber: true,
    of: ({ errorRate }) => (
      <span class={errorRate > 0.05 ? 'tone-bad' : ''}>{percent(errorRate)}</span>
    ),
  },
  { title: 'Applied', isNumber: true, isWide: true, of: ({ applied }) => figure(applied) },
  { title: 'Deferrals', isNumber: true, isWide: true, of: ({ deferred }) => figure(deferred) },
  { title: 'Dead', isNumber: true, isWide: true, of: ({ dead }) => figure(dead) },
];

/** Goes to the message whose id is entered. */
function find(event: SubmitEvent): void {
  event.preventDefault();
  const id = String(new FormData(event.currentTarget as HTMLFormElement).get('id')).trim();
  location.assign(linkTo('messages', id));
}

/** Every subscription of every service. */
export function Channels(): JSX.Element {
  const all = [...(channels.value ?? [])];
  if (orderOf) all.sort((one, other) => orderOf(other) - orderOf(one));
  return (
    <>
      <h1>Channels</h1>
      <form class="filter" onSubmit={find}>
        <label>
          Id of a message
          <input name="id" required maxLength={100} />
        </label>
        <button type="submit">Find it</button>
      </form>
      <Choice
        label="Sort by"
        name="sort"
        all="as they are declared"
        values={Object.keys(orders)}
        chosen={sort}
      />
      <section
        class="card"
        aria-label="channels"
        aria-busy={channels.value === null && trouble.value === null}
      >
        <Trouble text={trouble.value} />
        <Missing services={missing.value} />
        {all.length > 0 && (
          <Table of="channels" items={all.slice(0, shown.value)} columns={columns} keyOf={keyOf} />
        )}
        {all.length > shown.value && (
          <button
            type="button"
            class="plain start"
            onClick={() => {
              shown.value += sizeOfPage;
            }}
          >
            Show more
          </button>
        )}
      </section>
    </>
  );
}
