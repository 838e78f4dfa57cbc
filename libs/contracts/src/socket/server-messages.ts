import { instant, text } from '@waybill/message';
import { z } from 'zod';
import { orderId } from '../values.ts';
import { clientId, metadata, room, roomUser, words } from './values.ts';

const message = <N extends string, S extends z.core.$ZodLooseShape>(
  type: N,
  description: string,
  shape: S,
) =>
  z.strictObject({ type: z.literal(type), ...shape }).meta({ id: `server.${type}`, description });

const written = { message: words, from: clientId, at: instant };

/** Every message that the server may send. */
export const serverMessages = [
  message('connection_established', 'The first message of a connection.', {
    clientId,
    /** Seconds between the pings of the server. */
    heartbeat: z.number(),
    /** When the connection ends with the token of its ticket; null if the token does not expire. */
    expiresAt: instant.nullable(),
  }),
  message('room_joined', 'The client is in the room, with these others.', {
    room,
    metadata,
    users: z.array(roomUser),
  }),
  message('room_left', 'The client is not in the room any more.', {
    room,
    /** Only when the server ended it. */
    reason: text(1, 200).optional(),
  }),
  message('user_joined', 'Another has joined a room of the client.', { room, user: roomUser }),
  message('user_left', 'Another has left a room of the client.', { room, clientId }),
  message('room_users', 'Who is in a room, the client included.', {
    room,
    users: z.array(roomUser),
  }),
  message('chat_message', 'Another has written to a room of the client.', { room, ...written }),
  message('private_message', 'Another has written to the client.', written),
  message('message_sent', 'Whether a private message went out to a client that exists.', {
    success: z.boolean(),
    targetClientId: clientId,
  }),
  message('broadcast_message', 'An operator has written to everybody.', written),
  message('broadcast_sent', 'To how many clients a broadcast went out.', {
    sentTo: z.int().min(0),
  }),
  message('order_updated', 'A version of the order of a room, in their order, each once.', {
    room,
    /** The version; the `lastEventId` with which a client that reconnects joins the room. */
    id: z.int().min(1),
    /** As `GET /api/v1/orders/{id}` shows it. */
    order: z.looseObject({ id: orderId, status: z.string(), version: z.int() }),
  }),
  message('notification', 'There is a notification for the customer.', {
    /** As `GET /api/v1/notifications` shows it. */
    id: text(1, 150),
    orderId: orderId.nullable(),
    template: text(1, 100),
    title: text(1, 300),
    at: instant,
  }),
  message('pong', 'The answer to `ping`.', { at: instant }),
  message('error', 'A message of the client was refused, or messages to it were dropped.', {
    code: z.string(),
    message: z.string(),
    /** The type of the message that was refused. */
    refused: z.string().optional(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  }),
] as const;

/** A message of the server, by its type. */
export type ServerMessage = z.output<(typeof serverMessages)[number]>;
/** The message of the server with this type. */
export type ServerMessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;
