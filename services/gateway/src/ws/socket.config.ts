import { z } from 'zod';
import { commaList } from '../comma-list.ts';

const origin = z
  .url({ protocol: /^https?$/, error: 'is no origin such as https://shop.example' })
  .refine(
    (url) => !URL.canParse(url) || new URL(url).origin === url,
    'is no origin: it ends with the host or its port',
  );

/** The settings of the WebSocket. */
export const socketVariables = {
  /** The origins whose pages may connect, separated by commas; default: only the origin that they call. */
  WS_ORIGINS: commaList(origin),
  /** Connections of one user. */
  WS_CONNECTIONS_PER_USER: z.coerce.number().int().min(1).max(10_000).default(5),
  /** Connections of all users of this gateway. */
  WS_CONNECTIONS: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
  /** Rooms that a connection may be in. */
  WS_ROOMS: z.coerce.number().int().min(1).max(10_000).default(20),
  /** Messages and pings per second that a connection may send. */
  WS_MESSAGES_PER_SECOND: z.coerce.number().int().min(1).max(100_000).default(20),
  /** The largest message of a client, in bytes. */
  WS_MESSAGE_BYTES: z.coerce.number().int().min(1_024).max(1_048_576).default(16_384),
  /** Bytes that may wait for a client that reads slowly. */
  WS_BUFFER_BYTES: z.coerce.number().int().min(1_024).max(67_108_864).default(262_144),
  /** Milliseconds between pings; a client that does not respond until the next one is disconnected. */
  WS_HEARTBEAT_MS: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
};

/** The settings of the WebSocket as the gateway uses them. */
export interface SocketLimits {
  readonly origins: readonly string[];
  readonly perUser: number;
  readonly total: number;
  readonly rooms: number;
  readonly perSecond: number;
  readonly messageBytes: number;
  readonly bufferBytes: number;
  readonly heartbeatMs: number;
}

type Read = { readonly [N in keyof typeof socketVariables]: z.output<(typeof socketVariables)[N]> };

export const socketLimits = (env: Read): SocketLimits => ({
  origins: env.WS_ORIGINS,
  perUser: env.WS_CONNECTIONS_PER_USER,
  total: env.WS_CONNECTIONS,
  rooms: env.WS_ROOMS,
  perSecond: env.WS_MESSAGES_PER_SECOND,
  messageBytes: env.WS_MESSAGE_BYTES,
  bufferBytes: env.WS_BUFFER_BYTES,
  heartbeatMs: env.WS_HEARTBEAT_MS,
});

/** Injects the `SocketLimits`. */
export const SOCKET_LIMITS = Symbol('waybill:socket-limits');
