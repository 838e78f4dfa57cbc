import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { Action } from './action.tsx';
import { idOfPage } from './address.ts';
import { outcomeOf } from './call.ts';
import { List, Trouble } from './list.tsx';
import { Rows } from './rows.ts';
import { Time } from './time.tsx';
import { nameOf } from './webhook-name.ts';
import { WebhookState } from './webhook-state.tsx';

const id = idOfPage();
const webhook = signal<Schemas['Webhook'] | null>(null);
const trouble = signal<string | null>(null);
const deliveries = new Rows<Schemas['WebhookDelivery']>((cursor) =>
  outcomeOf(
    api.GET('/api/v1/webhooks/{id}/deliveries', {
      params: { path: { id }, query: { limit: 25, ...(cursor && { cursor }) } },
    }),
  ),
);

async function read(): Promise<void> {
  const found = await outcomeOf(
    api.GET('/api/v1/webhooks/{id}', { params: { path: { id } } }),
    'webhook',
  );
  trouble.value = found.trouble;
  webhook.value = found.data ?? null;
  if (found.data) await deliveries.refresh();
}

effect(() => (user.value ? repeat(read, 3_000) : undefined));

async function test(): Promise<string | null> {
  const done = await outcomeOf(
    api.POST('/api/v1/webhooks/{id}/test', { params: { path: { id } } }),
  );
  await deliveries.refresh();
  return done.trouble;
}

async function redeliver(deliveryId: string): Promise<string | null> {
  const done = await outcomeOf(
    api.POST('/api/v1/webhooks/{id}/deliveries/{deliveryId}/redeliver', {
      params: { path: { id, deliveryId } },
    }),
  );
  await deliveries.refresh();
  return done.trouble;
}

/** What was delivered to one webhook. */
export function Webhook(): JSX.Element {
  const found = webhook.value;
  return (
    <>
      <p>
        <a href="/console/webhooks">Webhooks</a>
      </p>
      <div class="title">
        <h1>{found ? nameOf(id, found.url) : 'Webhook'}</h1>
        {found && <WebhookState webhook={found} />}
      </div>
      <Trouble text={trouble.value} />
      {found && (
        <>
          <p>
            <span class="quiet">{found.events.join(', ')}</span>
          </p>
          <div class="actions">
            <Action
              label="Deliver a test"
              question="Deliver a test?"
              effect="The webhook gets an event without content, webhook.test."
              done="The test is on its way."
              run={test}
            />
          </div>
          <List
            of="deliveries"
            rows={deliveries}
            keyOf={(delivery) => delivery.id}
            columns={[
              { title: 'Event', of: ({ type }) => type },
              {
                title: 'Status',
                of: ({ status }) => <span class={`status ${status}`}>{status}</span>,
              },
              { title: 'At', of: ({ createdAt }) => <Time at={createdAt} /> },
              {
                title: 'Next attempt',
                isWide: true,
                of: ({ nextAttemptAt }) =>
                  nextAttemptAt &&
                  (found.enabled ? <Time at={nextAttemptAt} /> : 'when it is enabled'),
              },
              {
                title: 'Again',
                isAction: true,
                of: ({ id: deliveryId, status }) =>
                  status !== 'pending' && (
                    <Action
                      label="Redeliver"
                      question="Deliver this event again?"
                      effect="It is sent under the same id, so a receiver that has it already can tell."
                      done="The event is on its way."
                      run={() => redeliver(deliveryId)}
                    />
                  ),
              },
            ]}
          />
        </>
      )}
    </>
  );
}
