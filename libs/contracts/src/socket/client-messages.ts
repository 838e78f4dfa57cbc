import { z } from 'zod';
import { clientId, metadata, room, words } from './values.ts';

export const joinRoom = z
  .strictObject({
    type: z.literal('join_room'),
    room,
    metadata: metadata.optional(),
    /** In the room of an order: the `id` of the last `order_updated` that the client has; 0 for all. */
    lastEventId: z.int().min(0).max(999_999_999).optional(),
  })
  .meta({ id: 'join_room', description: 'Joins a room, which is made if nobody is in it.' });

export const leaveRoom = z
  .strictObject({ type: z.literal('leave_room'), room })
  .meta({ id: 'leave_room', description: 'Leaves a room.' });

export const getRoomUsers = z.strictObject({ type: z.literal('get_room_users'), room }).meta({
  id: 'get_room_users',
  description: 'Lists who is in a room that the client has joined.',
});

export const chatMessage = z
  .strictObject({ type: z.literal('chat_message'), room, message: words })
  .meta({
    id: 'chat_message',
    description: 'Writes to everybody else in a room that the client has joined.',
  });

export const privateMessage = z
  .strictObject({ type: z.literal('private_message'), targetClientId: clientId, message: words })
  .meta({ id: 'private_message', description: 'Writes to one client.' });

export const broadcast = z
  .strictObject({ type: z.literal('broadcast'), message: words })
  .meta({ id: 'broadcast', description: 'Writes to every other client; for operators.' });

export const ping = z.strictObject({ type: z.literal('ping') }).meta({
  id: 'ping',
  description: 'Is answered with `pong`, for clients that cannot send ping frames.',
});

/** Every message that a client may send. */
export const clientMessages = [
  joinRoom,
  leaveRoom,
  getRoomUsers,
  chatMessage,
  privateMessage,
  broadcast,
  ping,
] as const;

/** A message of a client, by its type. */
export type ClientMessage = z.output<(typeof clientMessages)[number]>;
export type JoinRoom = z.output<typeof joinRoom>;
export type InRoom = z.output<typeof leaveRoom | typeof getRoomUsers>;
export type ChatMessage = z.output<typeof chatMessage>;
export type PrivateMessage = z.output<typeof privateMessage>;
export type Broadcast = z.output<typeof broadcast>;
