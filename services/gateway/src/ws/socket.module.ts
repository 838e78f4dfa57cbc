import { Module, type Provider } from '@nestjs/common';
import { LOGGER, type Log } from '@waybill/observability';
import type { RedisSettings } from '@waybill/service';
import { WebSocketServer } from 'ws';
import { Connections } from './connections.ts';
import { MessageGateway } from './message.gateway.ts';
import { Notifications } from './notifications.ts';
import { OrderRooms } from './order-rooms.ts';
import { PEER_LINK } from './peer-link.ts';
import { Peers } from './peers.ts';
import { RoomGateway } from './room.gateway.ts';
import { Rooms } from './rooms.ts';
import { REDIS_SETTINGS, sharedSockets } from './shared-sockets.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket.config.ts';
import { SOCKET_SERVER, SocketDoor, subprotocol } from './socket-door.ts';
import { SocketMetrics } from './socket-metrics.ts';
import { TICKET_STORE, Tickets } from './tickets.ts';

/** The gateway classes; a class of your own handles more types of messages: `docs/how-to/add-a-websocket-message.md`. */
const gateways = [RoomGateway, MessageGateway];

const server: Provider = {
  provide: SOCKET_SERVER,
  inject: [SOCKET_LIMITS],
  useFactory: ({ messageBytes }: SocketLimits) =>
    new WebSocketServer({
      noServer: true,
      maxPayload: messageBytes,
      // Compression would let few bytes become many.
      perMessageDeflate: false,
      clientTracking: false,
      handleProtocols: () => subprotocol,
    }),
};

/** The WebSocket: what `/ws` and `/api/v1/ws` serve. */
@Module({
  providers: [
    server,
    ...gateways,
    Connections,
    Rooms,
    Notifications,
    OrderRooms,
    SocketDoor,
    SocketMetrics,
    Tickets,
    Peers,
    {
      provide: PEER_LINK,
      inject: [REDIS_SETTINGS, LOGGER],
      useFactory: (settings: RedisSettings, log: Log) => sharedSockets(settings, log),
    },
    { provide: TICKET_STORE, useExisting: PEER_LINK },
  ],
  exports: [Peers, Rooms, Tickets],
})
export class SocketModule {}
