import type { JSX } from 'preact';
import { signOut, user } from '../lib/session.ts';
import { SignIn } from '../lib/sign-in.tsx';
import { Chat } from './chat.tsx';
import { Connection } from './connection.tsx';
import { socket } from './live.ts';
import { Orders } from './orders.tsx';
import { Rooms } from './rooms.tsx';

const words = {
  closed: 'not connected',
  connecting: 'connecting …',
  open: 'connected',
  waiting: 'connection lost, trying again',
} as const;

export function LivePage(): JSX.Element {
  return (
    <>
      <header class="bar">
        <h1>
          Waybill <span class="quiet">live</span>
        </h1>
        {user.value && (
          <>
            <p class={`state ${socket.state.value}`} role="status">
              {words[socket.state.value]}
            </p>
            <p class="quiet end">{user.value.email}</p>
            <button type="button" class="plain" onClick={() => void signOut()}>
              Sign out
            </button>
          </>
        )}
        <a href="/" class={user.value ? '' : 'end'}>
          To the shop
        </a>
      </header>
      <main class={user.value ? 'board' : ''}>
        {user.value ? (
          <>
            <Rooms />
            <Chat />
            <Orders />
            <Connection />
          </>
        ) : (
          <SignIn />
        )}
      </main>
    </>
  );
}
