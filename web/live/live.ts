import { effect, signal } from '@preact/signals';
import type { RoomUser } from '@waybill/contracts/socket';
import { LiveSocket } from '../lib/live-socket.ts';
import { ticket, user } from '../lib/session.ts';

export interface Line {
  readonly id: number;
  readonly kind: 'chat' | 'private' | 'broadcast' | 'event';
  readonly room: string | null;
  readonly from: string | null;
  readonly text: string;
  readonly at: string;
}

/** Lines that are kept of all rooms together. */
const mostLines = 200;

export const socket = new LiveSocket(ticket);

/** The rooms that the client is in, with the others in them. */
export const rooms = signal<ReadonlyMap<string, readonly RoomUser[]>>(new Map());
/** The room whose lines are shown. */
export const chosen = signal<string | null>(null);
export const lines = signal<readonly Line[]>([]);
/** The latest refusal by the server, in words. */
export const refusal = signal<string | null>(null);

let latest = 0;
function write(line: Omit<Line, 'id' | 'at'> & { readonly at?: string }): void {
  latest += 1;
  const at = line.at ?? new Date().toISOString();
  lines.value = [...lines.value, { ...line, id: latest, at }].slice(-mostLines);
}

function change(room: string, users: readonly RoomUser[] | null): void {
  const next = new Map(rooms.value);
  if (users) next.set(room, users);
  else next.delete(room);
  rooms.value = next;
}

export const isOrderRoom = (room: string): boolean => room.startsWith('order:');

export function join(room: string): void {
  refusal.value = null;
  const name = user.value?.email.split('@')[0] ?? '';
  socket.send({ type: 'join_room', room, metadata: { name } });
}

export function leave(room: string): void {
  socket.send({ type: 'leave_room', room });
}

export function say(room: string, text: string): void {
  if (socket.send({ type: 'chat_message', room, message: text }))
    write({ kind: 'chat', room, from: null, text });
}

/** The name that a member shows; the beginning of its id if it shows none. */
export function nameOf({ clientId, metadata }: RoomUser): string {
  const { name } = metadata;
  return typeof name === 'string' && name !== '' ? name : clientId.slice(0, 8);
}

function nameIn(room: string | null, clientId: string): string {
  const users = room ? rooms.value.get(room) : [...rooms.value.values()].flat();
  const found = users?.find((each) => each.clientId === clientId);
  return found ? nameOf(found) : clientId.slice(0, 8);
}

let joinedBefore: readonly string[] = [];
socket.on('connection_established', () => {
  joinedBefore = [...rooms.value.keys()].filter((room) => !isOrderRoom(room));
  rooms.value = new Map();
  for (const room of joinedBefore) join(room);
});
socket.on('room_joined', ({ room, users }) => {
  change(room, users);
  if (isOrderRoom(room)) return;
  chosen.value ??= room;
  write({ kind: 'event', room, from: null, text: 'You joined.' });
});
socket.on('room_left', ({ room, reason }) => {
  change(room, null);
  if (chosen.value === room)
    chosen.value = [...rooms.value.keys()].find((each) => !isOrderRoom(each)) ?? null;
  if (reason) refusal.value = `${room}: ${reason}`;
});
socket.on('user_joined', ({ room, user: joined }) => {
  const others = rooms.value.get(room)?.filter(({ clientId }) => clientId !== joined.clientId);
  change(room, [...(others ?? []), joined]);
  write({ kind: 'event', room, from: null, text: `${nameOf(joined)} joined.` });
});
socket.on('user_left', ({ room, clientId }) => {
  write({ kind: 'event', room, from: null, text: `${nameIn(room, clientId)} left.` });
  change(room, rooms.value.get(room)?.filter((each) => each.clientId !== clientId) ?? []);
});
socket.on('chat_message', ({ room, from, message, at }) =>
  write({ kind: 'chat', room, from: nameIn(room, from), text: message, at }),
);
socket.on('private_message', ({ from, message, at }) =>
  write({ kind: 'private', room: null, from: nameIn(null, from), text: message, at }),
);
socket.on('broadcast_message', ({ from, message, at }) =>
  write({ kind: 'broadcast', room: null, from: nameIn(null, from), text: message, at }),
);
socket.on('broadcast_sent', ({ sentTo }) =>
  write({
    kind: 'event',
    room: null,
    from: null,
    text: `The broadcast went to ${sentTo} clients.`,
  }),
);
socket.on('notification', ({ title, at }) =>
  write({ kind: 'event', room: null, from: null, text: title, at }),
);
socket.on('error', ({ message }) => {
  refusal.value = message;
});

effect(() => {
  if (user.value) return socket.open();
  socket.close();
  rooms.value = new Map();
  lines.value = [];
  chosen.value = null;
});
