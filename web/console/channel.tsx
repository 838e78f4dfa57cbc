import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { ChannelActions } from './channel-actions.tsx';
import { Chart } from './chart.tsx';
import { Missing, Table, Trouble } from './list.tsx';
import { ages, browse, channel, depths, name, rates, trouble, waiting } from './one-channel.ts';
import { duration, figure, percent } from './times.ts';
import { Waiting } from './waiting.tsx';

type Found = Schemas['Channel'];

/** One channel: what waits in it, who takes it, and what can be done. */
export function Channel(): JSX.Element {
  const found = channel.value;
  return (
    <>
      <p>
        <a href="/console/channels">Channels</a>
      </p>
      <div class="title">
        <h1>{name}</h1>
        {found?.paused && <span class="status stuck">paused</span>}
      </div>
      <Trouble text={trouble.value} />
      {found && (
        <>
          <Missing services={found.missing} />
          <p class="quiet">
            {found.kind}
            {found.broker && `, carried by ${found.broker}`}
            {found.pausedBy && `, paused by ${found.pausedBy}`}
          </p>
          <Charts />
          <ChannelActions channel={found} />
          <Subscribers channel={found} />
          <Partitions channel={found} />
          <section class="card" aria-labelledby="waiting">
            <h2 id="waiting">Messages that wait</h2>
            <p>
              <button type="button" onClick={() => void browse()}>
                {waiting.value ? 'Look again' : 'Look at them'}
              </button>{' '}
              <span class="quiet">None is taken away.</span>
            </p>
            {waiting.value && <Waiting page={waiting.value} />}
          </section>
        </>
      )}
    </>
  );
}

const Charts = (): JSX.Element => (
  <div class="charts small">
    <Chart
      title="Messages that wait"
      samples={depths.samples.value}
      format={figure}
      lines={[{ name: 'depth', tone: 'wait' }]}
    />
    <Chart
      title="Age of the oldest"
      samples={ages.samples.value}
      format={duration}
      least={1_000}
      lines={[{ name: 'oldest', tone: 'wait' }]}
    />
    <Chart
      title="Messages a second"
      samples={rates.samples.value}
      format={figure}
      lines={[{ name: 'processed', tone: 'accent' }]}
    />
  </div>
);

function Subscribers({ channel: { subscribers } }: { channel: Found }): JSX.Element {
  return (
    <section class="card" aria-labelledby="subscribers">
      <h2 id="subscribers">Subscribers</h2>
      <Table
        of="subscribers"
        items={subscribers}
        keyOf={({ group }) => group}
        columns={[
          {
            title: 'Group',
            of: ({ group, paused }) => (
              <>
                {group} {paused && <span class="status stuck">paused</span>}
              </>
            ),
          },
          {
            title: 'Depth',
            isNumber: true,
            of: ({ depth }) => (depth === null ? '–' : figure(depth)),
          },
          {
            title: 'Oldest',
            isNumber: true,
            of: ({ lagMs }) => (lagMs === null ? '–' : duration(lagMs)),
          },
          { title: 'A second', isNumber: true, of: ({ rate }) => figure(rate) },
          { title: 'Failed', isNumber: true, of: ({ errorRate }) => percent(errorRate) },
          { title: 'Applied', isNumber: true, isWide: true, of: ({ applied }) => figure(applied) },
          {
            title: 'Deferrals',
            isNumber: true,
            isWide: true,
            of: ({ deferred, group }) => (
              <a href={`/console/deferred?group=${encodeURIComponent(group)}`}>
                {figure(deferred)}
              </a>
            ),
          },
          { title: 'Dead', isNumber: true, isWide: true, of: ({ dead }) => figure(dead) },
        ]}
      />
    </section>
  );
}

function Partitions({ channel: { partitions } }: { channel: Found }): JSX.Element | null {
  if (partitions.length === 0) return null;
  return (
    <details class="card">
      <summary>{partitions.length} partitions</summary>
      <Table
        of="partitions"
        items={partitions}
        keyOf={({ partition }) => String(partition)}
        columns={[
          { title: 'Partition', of: ({ partition }) => partition },
          {
            title: 'Depth',
            isNumber: true,
            of: ({ depth }) => (depth === null ? '–' : figure(depth)),
          },
          { title: 'End', isNumber: true, of: ({ end }) => (end === null ? '–' : figure(end)) },
        ]}
      />
    </details>
  );
}
