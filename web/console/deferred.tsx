import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { List } from './list.tsx';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';

type Deferred = Schemas['DeferredPage']['items'][number];

const group = filterOfPage('group');
const messages = new Rows<Deferred>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/deferred', {
      params: { query: { limit: 25, ...(group && { group }), ...(cursor && { cursor }) } },
    }),
  ),
);

effect(() => (user.value ? repeat(() => messages.refresh(), 2_000) : undefined));

const why: Readonly<Record<Deferred['reason'], string>> = {
  retry: 'failed, and is tried again',
  calling: 'calls an external system',
  blocked: 'an earlier message of its key waits',
  newer: 'is of a newer version',
  redriven: 'is redriven',
  held: 'is held',
};

/** Messages that wait in the database of a service until they are processed again. */
export function Deferred(): JSX.Element {
  return (
    <>
      <h1>Deferred messages</h1>
      <form class="filter" action="/console/deferred" method="get">
        <label>
          Group
          <input name="group" defaultValue={group ?? ''} maxLength={255} />
        </label>
        <button type="submit">Filter</button>
        {group && <a href="/console/deferred">All</a>}
      </form>
      <List
        of="deferred messages"
        rows={messages}
        keyOf={({ messageId, group: its }) => `${messageId} ${its}`}
        columns={[
          {
            title: 'Message',
            of: ({ messageId, type }) => (
              <a class="word" href={linkTo('messages', messageId)}>
                {type ?? 'not readable'}
              </a>
            ),
          },
          { title: 'Group', of: (message) => <span class="word">{message.group}</span> },
          { title: 'It', of: ({ reason }) => why[reason] },
          { title: 'Attempts', isNumber: true, of: ({ attempt }) => attempt },
          { title: 'Cause', isWide: true, of: ({ error }) => error },
          { title: 'Due', of: ({ dueAt }) => dueAt && <Time at={dueAt} /> },
          { title: 'Since', isWide: true, of: ({ firstAt }) => <Time at={firstAt} /> },
        ]}
      />
    </>
  );
}
