import { effect } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { List } from './list.tsx';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';
import { nameOf } from './webhook-name.ts';
import { WebhookState } from './webhook-state.tsx';

type Webhook = Schemas['Webhook'];

const webhooks = new Rows<Webhook>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/webhooks', { params: { query: { limit: 25, ...(cursor && { cursor }) } } }),
  ),
);

effect(() => (user.value ? repeat(() => webhooks.refresh(), 5_000) : undefined));

/** Who is told of orders by HTTP, and whether that works. */
export function Webhooks(): JSX.Element {
  return (
    <>
      <h1>Webhooks</h1>
      <List
        of="webhooks"
        rows={webhooks}
        keyOf={({ id }) => id}
        columns={[
          {
            title: 'Webhook',
            of: ({ id, url, customerId }) => (
              <>
                <a href={linkTo('webhooks', id)}>{nameOf(id, url)}</a>
                <small class="quiet under">
                  {customerId ? 'of a customer' : 'of the operators'}
                </small>
              </>
            ),
          },
          { title: 'Events', isWide: true, of: ({ events }) => events.join(', ') },
          { title: 'Status', of: (webhook) => <WebhookState webhook={webhook} /> },
          {
            title: 'Failing since',
            of: ({ failingSince }) => failingSince && <Time at={failingSince} />,
          },
        ]}
      />
    </>
  );
}
