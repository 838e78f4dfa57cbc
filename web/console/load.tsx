import type { JSX } from 'preact';
import { Trouble } from './list.tsx';
import {
  accepted,
  failed,
  highestRate,
  leftOut,
  median,
  rate,
  refused,
  trouble,
} from './order-load.ts';
import { OrderRate } from './order-rate.tsx';
import { duration, figure } from './times.ts';

/** Orders from this page, to see the figures move. */
export function Load(): JSX.Element {
  return (
    <>
      <h1>Load</h1>
      <section class="card" aria-labelledby="slider">
        <h2 id="slider">Place orders from this page</h2>
        <label>
          <span>
            Orders a second: <strong>{rate.value}</strong>
          </span>
          <input
            type="range"
            min={0}
            max={highestRate}
            value={rate.value}
            onInput={({ currentTarget }) => {
              rate.value = Number(currentTarget.value);
            }}
          />
        </label>
        <p class="quiet">
          Each buys one of what is in stock, with a card that is accepted. It ends when the slider
          is at 0, or the page is left.
        </p>
        <Trouble text={trouble.value} />
        <p>
          <button
            type="button"
            disabled={rate.value === 0}
            onClick={() => {
              rate.value = 0;
            }}
          >
            Stop
          </button>
        </p>
      </section>
      <dl class="tiles five">
        <div>
          <dt>Accepted</dt>
          <dd>{figure(accepted.value)}</dd>
        </div>
        <div>
          <dt>Accepted after</dt>
          <dd>
            {median.value === null ? '–' : duration(median.value)} <small>median</small>
          </dd>
        </div>
        <div>
          <dt>Told to come later</dt>
          <dd>{figure(refused.value)}</dd>
        </div>
        <div class={failed.value > 0 ? 'wrong' : ''}>
          <dt>Failed</dt>
          <dd>{figure(failed.value)}</dd>
        </div>
        <div>
          <dt>Not placed</dt>
          <dd>
            {figure(leftOut.value)} <small>too many were open</small>
          </dd>
        </div>
      </dl>
      <OrderRate />
      <p>
        <a href="/console" target="_blank" rel="noreferrer">
          Open the overview beside it
        </a>
      </p>
    </>
  );
}
