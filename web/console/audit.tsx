import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { filterOfPage } from './address.ts';
import { outcomeOf } from './call.ts';
import { List } from './list.tsx';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';

const operator = filterOfPage('operator');
const action = filterOfPage('action');

const lines = new Rows<Schemas['AuditPage']['items'][number]>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/audit', {
      params: {
        query: {
          limit: 25,
          ...(operator && { operator }),
          ...(action && { action }),
          ...(cursor && { cursor }),
        },
      },
    }),
  ),
);

effect(() => (user.value ? repeat(() => lines.refresh(), 3_000) : undefined));

/** What operators did. */
export function Audit(): JSX.Element {
  return (
    <>
      <h1>Audit</h1>
      <form class="filter" action="/console/audit" method="get">
        <label>
          Operator
          <input name="operator" defaultValue={operator ?? ''} maxLength={320} />
        </label>
        <label>
          Action begins with
          <input name="action" defaultValue={action ?? ''} maxLength={500} />
        </label>
        <button type="submit">Filter</button>
        {(operator || action) && <a href="/console/audit">All</a>}
      </form>
      <List
        of="actions"
        rows={lines}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Action', of: (line) => line.action },
          { title: 'About', of: ({ subject }) => subject },
          { title: 'Reason', isWide: true, of: ({ reason }) => reason },
          { title: 'Operator', of: (line) => line.operator },
          { title: 'Status', isNumber: true, isWide: true, of: ({ status }) => status ?? '…' },
          { title: 'At', of: ({ at }) => <Time at={at} /> },
        ]}
      />
    </>
  );
}
