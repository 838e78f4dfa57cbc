import type { JSX } from 'preact';
import { chosen, isOrderRoom, join, leave, nameOf, refusal, rooms, socket } from './live.ts';

export function Rooms(): JSX.Element {
  const enter = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const room = String(new FormData(form).get('room')).trim();
    join(room);
    chosen.value = room;
    form.reset();
  };
  const open = [...rooms.value].filter(([room]) => !isOrderRoom(room));
  return (
    <section class="card" aria-labelledby="rooms">
      <h2 id="rooms">Rooms</h2>
      <form class="row" onSubmit={enter}>
        <label class="grow">
          <span class="unseen">Room to join</span>
          <input name="room" placeholder="lobby" required maxLength={100} />
        </label>
        <button type="submit" disabled={socket.state.value !== 'open'}>
          Join
        </button>
      </form>
      <p class="trouble" role="alert">
        {refusal.value}
      </p>
      {open.length === 0 && <p class="quiet">You are in no room yet.</p>}
      <ul class="plain-list">
        {open.map(([room, users]) => (
          <li key={room} class={room === chosen.value ? 'chosen' : ''}>
            <div class="row">
              <button
                type="button"
                class="plain grow start"
                aria-pressed={room === chosen.value}
                onClick={() => {
                  chosen.value = room;
                }}
              >
                {room}
              </button>
              <button
                type="button"
                class="plain"
                aria-label={`Leave ${room}`}
                onClick={() => leave(room)}
              >
                Leave
              </button>
            </div>
            <p class="quiet members">
              {users.length === 0 ? 'only you' : `you, ${users.map(nameOf).join(', ')}`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
