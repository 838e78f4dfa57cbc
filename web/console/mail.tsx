import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { Action } from './action.tsx';
import { filterOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { Choice } from './choice.tsx';
import { List } from './list.tsx';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';

type Email = Schemas['Delivery'];

const statuses = [
  'sent',
  'queued',
  'collected',
  'bounced',
  'dead',
  'suppressed',
  'logged',
] as const;
const status = statuses.find((each) => each === filterOfPage('status'));

const emails = new Rows<Email>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/notifications', {
      params: { query: { limit: 25, ...(status && { status }), ...(cursor && { cursor }) } },
    }),
  ),
);

effect(() => (user.value ? repeat(() => emails.refresh(), 3_000) : undefined));

async function resend(id: string): Promise<string | null> {
  const { trouble } = await outcomeOf(
    api.POST('/api/v1/notifications/{id}/resend', { params: { path: { id } } }),
  );
  await emails.refresh();
  return trouble;
}

/** What was sent to customers, and what was not. */
export function Mail(): JSX.Element {
  return (
    <>
      <h1>Mail</h1>
      <Choice label="Status" name="status" values={statuses} chosen={status} />
      <List
        of="e-mails"
        rows={emails}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Subject', of: (email) => <Subject email={email} /> },
          { title: 'To', isWide: true, of: ({ recipient }) => recipient },
          {
            title: 'Status',
            of: ({ status: its, error }) => (
              <>
                <span class={`status ${its}`}>{its}</span>
                {error && <small class="quiet under">{error}</small>}
              </>
            ),
          },
          { title: 'At', of: ({ at }) => <Time at={at} /> },
          {
            title: 'Again',
            isAction: true,
            of: ({ id, status: its }) =>
              its !== 'queued' && (
                <Action
                  label="Send again"
                  question="Send this e-mail again?"
                  effect="Its recipient gets it once more."
                  done="The e-mail is in the queue."
                  run={() => resend(id)}
                />
              ),
          },
        ]}
      />
    </>
  );
}

const Subject = ({ email: { subject, orderId } }: { email: Email }): JSX.Element =>
  orderId ? <a href={linkTo('orders', orderId)}>{subject}</a> : <span>{subject}</span>;
