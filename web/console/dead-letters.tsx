import { effect, untracked } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { Action } from './action.tsx';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { List } from './list.tsx';
import { isDone, job, redriveAll } from './redrive-job.ts';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';

const names = ['type', 'channel', 'handler'] as const;
const filter = Object.fromEntries(
  names.flatMap((name) => {
    const value = filterOfPage(name);
    return value ? [[name, value]] : [];
  }),
) as Partial<Record<(typeof names)[number], string>>;

const letters = new Rows<Schemas['DeadLetterPage']['items'][number]>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/dead-letters', {
      params: { query: { limit: 25, ...filter, ...(cursor && { cursor }) } },
    }),
  ),
);

effect(() => (user.value ? repeat(() => letters.refresh(), 3_000) : undefined));

effect(() => {
  if (isDone.value) untracked(() => void letters.begin());
});

function Progress({ of: its }: { of: Schemas['Job'] }): JSX.Element {
  const { progress, counts, requestedBy, startedAt } = its;
  return (
    <label class="card" aria-live="polite">
      <span>
        {isDone.value ? 'Redriven' : 'Being redriven'}: {counts['redriven'] ?? 0} of{' '}
        {counts['expected'] ?? 0}
      </span>{' '}
      <span class="quiet">
        by {requestedBy}, begun <Time at={startedAt} />
      </span>
      <progress value={progress} max={1} />
    </label>
  );
}

/** Messages that could not be processed, of all services. */
export function DeadLetters(): JSX.Element {
  const inWords = Object.entries(filter).map(([name, value]) => `${name} ${value}`);
  return (
    <>
      <h1>Dead letters</h1>
      <form class="filter" action="/console/dead-letters" method="get">
        {names.map((name) => (
          <label key={name}>
            {name.charAt(0).toUpperCase() + name.slice(1)}
            <input name={name} defaultValue={filter[name] ?? ''} maxLength={255} />
          </label>
        ))}
        <button type="submit">Filter</button>
        {inWords.length > 0 && <a href="/console/dead-letters">All</a>}
      </form>
      {letters.items.value && letters.items.value.length > 0 && (
        <div class="actions">
          <Action
            label="Redrive all"
            question={`Redrive all dead letters${inWords.length > 0 ? ` of ${inWords.join(', ')}` : ''}?`}
            effect="Each is processed again by its own group. What fails again is a dead letter again, under the same id."
            done="They are being redriven."
            run={(form) => redriveAll(filter, Number(form.get('rate')))}
          >
            <label>
              How many a second
              <input name="rate" type="number" min={1} max={1_000} defaultValue="50" required />
            </label>
          </Action>
        </div>
      )}
      {job.value && <Progress of={job.value} />}
      <List
        of="dead letters"
        rows={letters}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Message',
            of: ({ id, type }) => (
              <a href={linkTo('dead-letters', id)}>{type ?? 'not a message'}</a>
            ),
          },
          { title: 'Group', of: ({ group }) => group },
          { title: 'Channel', isWide: true, of: ({ channel }) => channel },
          { title: 'Cause', of: ({ error }) => error },
          { title: 'Attempts', isNumber: true, isWide: true, of: ({ attempts }) => attempts },
          { title: 'At', of: ({ at }) => <Time at={at} /> },
        ]}
      />
    </>
  );
}
