import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { api, user } from '../lib/session.ts';
import { Action } from './action.tsx';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { List } from './list.tsx';
import { repeat } from './repeat.ts';
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

async function redriveAll(): Promise<string | null> {
  const { trouble } = await outcomeOf(
    api.POST('/api/v1/dead-letters/redrive', { body: { filter } }),
  );
  await letters.begin();
  return trouble;
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
            done="They are processed again, 50 a second."
            run={redriveAll}
          />
        </div>
      )}
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
