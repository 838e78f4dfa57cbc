import { computed, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { type AsyncApi, fieldsOf, type Message, messagesOf } from './async-api.ts';
import { MessageDetails } from './message-details.tsx';

const document_ = signal<AsyncApi | null>(null);
const trouble = signal<string | null>(null);
const search = signal('');
const chosen = signal(location.hash.slice(1));

const schemas = computed(() => document_.value?.components.schemas ?? {});
const messages = computed(() => (document_.value ? messagesOf(document_.value) : []));
/** What the words of a search are looked for in, by the name of the message. */
const texts = computed(
  () => new Map(messages.value.map((message) => [message.name, textOf(message)])),
);
const found = computed(() => {
  const words = search.value.toLowerCase().split(/\s+/);
  return messages.value.filter(({ name }) =>
    words.every((word) => texts.value.get(name)?.includes(word)),
  );
});

function textOf({ schema, example: _, ...message }: Message): string {
  const fields = fieldsOf(schema, schemas.value).map(({ path }) => path);
  return [...Object.values(message).flat(), ...fields].join(' ').toLowerCase();
}

async function read(): Promise<void> {
  const answer = await fetch('/asyncapi.json');
  if (!answer.ok) throw new Error(`the document is not available: ${answer.status}`);
  document_.value = (await answer.json()) as AsyncApi;
}

read().catch((error: unknown) => {
  trouble.value = error instanceof Error ? error.message : 'the document is not available';
});
addEventListener('hashchange', () => {
  chosen.value = location.hash.slice(1);
});

export function EventsPage(): JSX.Element {
  const shown = messages.value.find(({ name }) => name === chosen.value);
  return (
    <>
      <header class="bar">
        <h1>
          Waybill <span class="quiet">messages</span>
        </h1>
        <nav aria-label="Documents" class="row end">
          <a href="/">Shop</a>
          <a href="/docs">API</a>
          <a href="/asyncapi.json">AsyncAPI document</a>
        </nav>
      </header>
      <main class="catalogue">
        <Catalogue />
        {shown ? <MessageDetails message={shown} schemas={schemas.value} /> : <Introduction />}
      </main>
    </>
  );
}

function Catalogue(): JSX.Element {
  const channels = [...new Set(found.value.map(({ channel }) => channel))];
  return (
    <section class="card" aria-labelledby="all">
      <h2 id="all">Channels and messages</h2>
      <label>
        <span>Search</span>
        <input
          type="search"
          maxLength={100}
          placeholder="a message, service or field"
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value.trim();
          }}
        />
      </label>
      <p class="trouble" role="alert">
        {trouble.value}
      </p>
      <p class="quiet" role="status">
        {document_.value && `${found.value.length} of ${messages.value.length} messages`}
      </p>
      <nav aria-label="Messages" class="channels">
        {channels.map((channel) => (
          <section key={channel} aria-label={channel}>
            <h3>{channel}</h3>
            <ul class="plain-list">
              {found.value
                .filter((message) => message.channel === channel)
                .map((message) => (
                  <Entry key={message.name} message={message} />
                ))}
            </ul>
          </section>
        ))}
      </nav>
    </section>
  );
}

const Entry = ({ message: { name, title, kind } }: { message: Message }): JSX.Element => (
  <li class={name === chosen.value ? 'chosen' : ''}>
    <a href={`#${name}`} aria-current={name === chosen.value ? 'true' : undefined}>
      {title}
    </a>{' '}
    <span class="quiet">{kind === 'websocket' ? directionOf(name) : kind}</span>
  </li>
);

const directionOf = (name: string): string =>
  name.startsWith('ws.client.') ? 'to the gateway' : 'from the gateway';

function Introduction(): JSX.Element {
  return (
    <article class="card">
      {chosen.value && document_.value && (
        <p class="trouble" role="alert">
          There is no message {chosen.value}.
        </p>
      )}
      <h2>What travels between the services</h2>
      <p>
        Services tell each other what happened by <em>events</em> and <em>announcements</em>, and
        what to do by <em>commands</em>, <em>tasks</em> and <em>replies</em>. Each kind has its
        broker. <em>Live</em> messages are best effort, <em>requests</em> are answered at once and
        never stored. Browsers and other clients use the WebSocket at <code>/ws</code>.
      </p>
      <p>
        Choose a message to see who sends and receives it, its fields and an example. Every broker
        carries the data in the same <em>envelope</em>, which each example shows. A field may be
        added to a version; any other change makes a new version.
      </p>
    </article>
  );
}
