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
import { duration, figure, percent } from './times.ts';

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
  const rate = orders.samples.value.values.placed.at(-1) ?? 0;
  const failed = totals ? 1 - totals.successRate : 0;
  const age = totals?.oldestMs ?? 0;
  const letters = totalOf('dead-letters');
  const stuck = stuckSagas.value ?? 0;
  return (
    <dl class="tiles">
      <Tile title="Orders a second">{figure(rate)}</Tile>
      <Tile title="Messages a second">
        <a href="/console/channels?sort=rate">{figure(totals?.perSecond ?? 0)}</a>
      </Tile>
      <Tile title="Failed attempts" isWrong={failed > 0.05}>
        <a href="/console/channels?sort=errors">{percent(failed)}</a>
      </Tile>
      <Tile title="Backlog">
        <a href="/console/channels?sort=depth">{figure(totals?.depth ?? 0)}</a>
      </Tile>
      <Tile title="Oldest message" isWrong={age > 30_000}>
        <a href="/console/channels?sort=lag">{duration(age)}</a>
      </Tile>
      <Tile title="Deferred">
        <a href="/console/deferred">{figure(totalOf('deferred'))}</a>
      </Tile>
      <Tile title="Dead letters" isWrong={letters > 0}>
        <a href="/console/dead-letters">{figure(letters)}</a>
      </Tile>
      <Tile title="Stuck sagas" isWrong={stuck > 0}>
        <a href="/console/sagas?state=stuck">{stuck >= 200 ? '200 or more' : figure(stuck)}</a>
      </Tile>
    </dl>
  );
}

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
