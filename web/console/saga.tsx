import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { Action } from './action.tsx';
import { idOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { Table, Trouble } from './list.tsx';
import { SagaState } from './saga-state.tsx';
import { Time } from './time.tsx';

type SagaView = Schemas['Saga'];

const id = idOfPage();
const path = { params: { path: { id } } };
const saga = signal<SagaView | null>(null);
const trouble = signal<string | null>(null);

async function read(): Promise<void> {
  const found = await outcomeOf(api.GET('/api/v1/sagas/{id}', path), 'saga');
  trouble.value = found.trouble;
  if (found.data) saga.value = found.data;
}

effect(() => (user.value ? repeat(read, 2_000) : undefined));

/** Resolves with why it was refused; null if it was not. */
async function retry(): Promise<string | null> {
  const done = await outcomeOf(api.POST('/api/v1/sagas/{id}/retry', path));
  await read();
  return done.trouble;
}

async function compensate(): Promise<string | null> {
  const done = await outcomeOf(api.POST('/api/v1/sagas/{id}/compensate', path));
  await read();
  return done.trouble;
}

/** One saga: its steps, what happened, and what an operator may do. */
export function Saga(): JSX.Element {
  const found = saga.value;
  return (
    <>
      <p>
        <a href="/console/sagas">Sagas</a>
      </p>
      <div class="title">
        <h1>{found?.saga ?? 'Saga'}</h1>
        {found && <SagaState saga={found} />}
      </div>
      <Trouble text={trouble.value} />
      {found && (
        <>
          <Facts saga={found} />
          <Actions saga={found} />
          <Steps saga={found} />
          <Log saga={found} />
          <Audit saga={found} />
          <section class="card" aria-labelledby="data">
            <h2 id="data">What it knows</h2>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it. */}
            <pre tabIndex={0}>{JSON.stringify(found.data, null, 2)}</pre>
          </section>
        </>
      )}
    </>
  );
}

function Facts({
  saga: { orderId, step, attempts, reason, dueAt },
}: {
  saga: SagaView;
}): JSX.Element {
  return (
    <dl class="card figures">
      <div>
        <dt>Order</dt>
        <dd>
          <a href={linkTo('orders', orderId)}>Journey</a>
        </dd>
      </div>
      <div>
        <dt>At step</dt>
        <dd>{step}</dd>
      </div>
      <div>
        <dt>Attempts</dt>
        <dd>{attempts}</dd>
      </div>
      {reason && (
        <div>
          <dt>Reason</dt>
          <dd>{reason.replaceAll('_', ' ')}</dd>
        </div>
      )}
      {dueAt && (
        <div>
          <dt>Tried again at</dt>
          <dd>
            <Time at={dueAt} />
          </dd>
        </div>
      )}
    </dl>
  );
}

function Actions({ saga: { allowed, step } }: { saga: SagaView }): JSX.Element | null {
  if (allowed.length === 0) return null;
  return (
    <div class="actions">
      {allowed.includes('retry') && (
        <Action
          label="Retry"
          question={`Retry ${step}?`}
          effect="The command of this step is sent again. The service that gets it knows it by its operation, so nothing happens twice."
          done="The command was sent again."
          run={retry}
        />
      )}
      {allowed.includes('compensate') && (
        <Action
          isGrave
          label="Compensate"
          question="Give this order up?"
          effect="The steps that are done are undone: stock is released, the payment is voided or refunded, parcels are cancelled. The customer is informed."
          done="The saga is being compensated."
          run={compensate}
        />
      )}
    </div>
  );
}

function Steps({ saga: { steps } }: { saga: SagaView }): JSX.Element {
  return (
    <section class="card" aria-labelledby="steps">
      <h2 id="steps">Steps</h2>
      <ol class="steps">
        {steps.map(({ name, status }) => (
          <li key={name}>
            {name} <span class={`status ${status}`}>{status.replaceAll('-', ' ')}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Log({ saga: { log } }: { saga: SagaView }): JSX.Element {
  return (
    <section class="card" aria-labelledby="log">
      <h2 id="log">What happened</h2>
      <Table
        of="what happened"
        items={log.map((line, place) => ({ ...line, place }))}
        keyOf={({ place }) => String(place)}
        columns={[
          { title: 'Step', of: ({ step }) => step ?? 'the saga' },
          {
            title: 'What',
            of: ({ what, times = 1 }) =>
              what.replaceAll('-', ' ') + (times > 1 ? ` ${times} ×` : ''),
          },
          { title: 'Detail', of: ({ detail }) => detail },
          { title: 'At', of: ({ at }) => <Time at={at} /> },
        ]}
      />
    </section>
  );
}

function Audit({ saga: { audit } }: { saga: SagaView }): JSX.Element | null {
  if (audit.length === 0) return null;
  return (
    <section class="card" aria-labelledby="audit">
      <h2 id="audit">What operators did</h2>
      <Table
        of="what operators did"
        items={audit}
        keyOf={({ at, action }) => `${at} ${action}`}
        columns={[
          { title: 'What', of: ({ action, step }) => `${action} at ${step}` },
          { title: 'Who', of: ({ by }) => by },
          { title: 'At', of: ({ at }) => <Time at={at} /> },
        ]}
      />
    </section>
  );
}
