import { Module, type Provider } from '@nestjs/common';
import { WebSocketServer } from 'ws';
import { Connections } from './connections.ts';
import { MessageGateway } from './message.gateway.ts';
import { OrderRooms } from './order-rooms.ts';
import { NoPeers, Peers } from './peers.ts';
import { RoomGateway } from './room.gateway.ts';
import { Rooms } from './rooms.ts';
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
    OrderRooms,
    SocketDoor,
    SocketMetrics,
    Tickets,
    { provide: TICKET_STORE, useValue: null },
    { provide: Peers, useClass: NoPeers },
  ],
  exports: [Rooms, Tickets],
})
export class SocketModule {}
