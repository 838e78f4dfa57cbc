import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { idOfPage, linkTo } from './address.ts';
import { outcomeOf } from './call.ts';
import { Missing, Table, Trouble } from './list.tsx';
import { Time } from './time.tsx';

type Found = Schemas['Message'];

const id = idOfPage();
const message = signal<Found | null>(null);
const trouble = signal<string | null>(null);

async function read(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(
    api.GET('/api/v1/messages/{id}', { params: { path: { id } } }),
    'message',
  );
  trouble.value = why;
  if (data) message.value = data;
}

effect(() => (user.value ? repeat(read, 3_000) : undefined));

/** Where one message is. */
export function Message(): JSX.Element {
  const found = message.value;
  return (
    <>
      <p>
        <a href="/console/channels">Channels</a>
      </p>
      <div class="title">
        <h1>{found?.type ?? 'Message'}</h1>
        {found && <span class={`status ${found.state}`}>{found.state}</span>}
      </div>
      <p class="quiet">
        <code>{id}</code>
      </p>
      <Trouble text={trouble.value} />
      {found && (
        <section class="card" aria-labelledby="places">
          <h2 id="places">Where it is</h2>
          <Missing services={found.missing} />
          <Places places={found.places} />
        </section>
      )}
    </>
  );
}

function Places({ places }: { places: Found['places'] }): JSX.Element {
  return (
    <Table
      of="places"
      items={places.map((place, at) => ({ ...place, at, since: place.at }))}
      keyOf={({ at }) => String(at)}
      columns={[
        {
          title: 'Place',
          of: ({ place, deadLetterId }) =>
            deadLetterId ? <a href={linkTo('dead-letters', deadLetterId)}>{place}</a> : place,
        },
        { title: 'State', of: ({ state }) => <span class={`status ${state}`}>{state}</span> },
        { title: 'Of', of: ({ group, service }) => group ?? service },
        {
          title: 'Channel',
          of: ({ channel }) => channel && <a href={linkTo('channels', channel)}>{channel}</a>,
        },
        {
          title: 'Partition, offset',
          isWide: true,
          of: ({ partition, offset }) =>
            partition === null ? '' : `${partition}${offset === null ? '' : `, ${offset}`}`,
        },
        { title: 'Attempts', isNumber: true, of: ({ attempt }) => attempt },
        { title: 'Cause', of: ({ error }) => error },
        { title: 'At', of: ({ since }) => since && <Time at={since} /> },
        { title: 'Due', isWide: true, of: ({ dueAt }) => dueAt && <Time at={dueAt} /> },
      ]}
    />
  );
}
