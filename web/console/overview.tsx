import type { ComponentChildren, JSX } from 'preact';
import { Chart } from './chart.tsx';
import { HealthTable } from './health-table.tsx';
import { Missing, Trouble } from './list.tsx';
import { orders } from './order-counts.ts';
import { OrderRate } from './order-rate.tsx';
import {
  failures,
  health,
  metrics,
  missing,
  oldest,
  stuckSagas,
  totalOf,
  trouble,
  work,
} from './overview-figures.ts';
import { duration, figure, known, percent } from './times.ts';

/** How the system is now, and where to look when it is not well. */
export function Overview(): JSX.Element {
  const status = health.value?.status;
  return (
    <>
      <div class="title">
        <h1>Overview</h1>
        {status && <span class={`status ${status}`}>{status}</span>}
      </div>
      <Trouble text={trouble.value} />
      <Missing services={missing.value} />
      <Tiles />
      <div class="charts">
        <OrderRate />
        <Chart
          title="Messages that wait"
          samples={work.samples.value}
          format={figure}
          lines={[{ name: 'backlog', tone: 'wait' }]}
        />
        <Chart
          title="Age of the oldest message"
          least={1_000}
          samples={oldest.samples.value}
          format={duration}
          lines={[{ name: 'oldest', tone: 'wait' }]}
        />
        <Chart
          title="Attempts that failed"
          samples={failures.samples.value}
          format={percent}
          lines={[{ name: 'failed', tone: 'bad' }]}
        />
      </div>
      <HealthTable />
    </>
  );
}

function Tiles(): JSX.Element {
  const totals = metrics.value?.totals;
  const rate = orders.samples.value.values.placed.at(-1);
  const failed = totals && 1 - totals.successRate;
  const letters = totalOf('dead-letters');
  const stuck = stuckSagas.value;
  return (
    <dl class="tiles">
      <Tile title="Orders a second">{known(rate, figure)}</Tile>
      <Tile title="Messages a second">
        <a href="/console/channels?sort=rate">{known(totals?.perSecond, figure)}</a>
      </Tile>
      <Tile title="Failed attempts" isWrong={isOver(failed, 0.05)}>
        <a href="/console/channels?sort=errors">{known(failed, percent)}</a>
      </Tile>
      <Tile title="Backlog">
        <a href="/console/channels?sort=depth">{known(totals?.depth, figure)}</a>
      </Tile>
      <Tile title="Oldest message" isWrong={isOver(totals?.oldestMs, 30_000)}>
        <a href="/console/channels?sort=lag">{known(totals?.oldestMs, duration)}</a>
      </Tile>
      <Tile title="Deferred">
        <a href="/console/deferred">{known(totalOf('deferred'), figure)}</a>
      </Tile>
      <Tile title="Dead letters" isWrong={isOver(letters, 0)}>
        <a href="/console/dead-letters">{known(letters, figure)}</a>
      </Tile>
      <Tile title="Stuck sagas" isWrong={isOver(stuck, 0)}>
        <a href="/console/sagas?state=stuck">
          {stuck !== undefined && stuck >= 200 ? '200 or more' : known(stuck, figure)}
        </a>
      </Tile>
    </dl>
  );
}

const isOver = (value: number | null | undefined, limit: number): boolean => (value ?? 0) > limit;

function Tile({
  title,
  isWrong = false,
  children,
}: {
  title: string;
  isWrong?: boolean;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <div class={isWrong ? 'wrong' : ''}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}
