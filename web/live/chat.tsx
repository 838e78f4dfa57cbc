import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { chosen, lines, rooms, say, socket } from './live.ts';

export function Chat(): JSX.Element {
  const room = chosen.value;
  const isIn = room !== null && rooms.value.has(room);
  const shown = lines.value.filter((line) => line.room === null || line.room === room);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.scrollTo(0, list.current.scrollHeight), [shown.length]);
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const text = String(new FormData(form).get('text')).trim();
    if (!room || text === '') return;
    say(room, text);
    form.reset();
  };
  return (
    <section class="card tall" aria-labelledby="chat">
      <h2 id="chat">{room ? `Chat in ${room}` : 'Chat'}</h2>
      <div
        class="lines"
        ref={list}
        role="log"
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also for those who use a keyboard
        tabIndex={0}
      >
        <ol class="plain-list">
          {shown.map(({ id, kind, from, text, at }) => (
            <li key={id} class={`${kind} ${kind === 'chat' && from === null ? 'mine' : ''}`}>
              {kind !== 'event' && <strong>{speaker(kind, from)}</strong>}
              <span>{text}</span>
              <time dateTime={at}>{new Date(at).toLocaleTimeString()}</time>
            </li>
          ))}
        </ol>
      </div>
      <form class="row" onSubmit={send}>
        <label class="grow">
          <span class="unseen">Message</span>
          <input
            name="text"
            maxLength={2000}
            autocomplete="off"
            disabled={!isIn}
            placeholder={isIn ? '' : 'Join a room first'}
          />
        </label>
        <button type="submit" disabled={!isIn || socket.state.value !== 'open'}>
          Send
        </button>
      </form>
    </section>
  );
}

function speaker(kind: 'chat' | 'private' | 'broadcast', from: string | null): string {
  if (kind === 'broadcast') return 'to everybody';
  const name = from ?? 'you';
  return kind === 'private' ? `${name}, to you alone` : name;
}
