import { Inject } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  SubscribeMessage,
} from '@nestjs/websockets';
import {
  type ChatMessage,
  chatMessage,
  getRoomUsers,
  type InRoom,
  type JoinRoom,
  joinRoom,
  leaveRoom,
  type ServerMessageOf,
} from '@waybill/contracts/socket';
import { Problem } from '@waybill/http';
import type { Connection } from './connection.ts';
import { orderOf } from './domain/room-kind.ts';
import { OrderRooms } from './order-rooms.ts';
import { Rooms } from './rooms.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket.config.ts';
import { SocketGateway } from './socket-gateway.ts';

/** Rooms: of orders, for those who may see the order, and of any other name for everybody. */
@SocketGateway()
export class RoomGateway implements OnGatewayConnection, OnGatewayDisconnect {
  constructor(
    private readonly rooms: Rooms,
    private readonly orders: OrderRooms,
    @Inject(SOCKET_LIMITS) private readonly limits: SocketLimits,
  ) {}

  handleConnection(connection: Connection): void {
    this.rooms.connect(connection);
    const { expiresAt } = connection.session.caller;
    connection.send({
      type: 'connection_established',
      clientId: connection.id,
      heartbeat: this.limits.heartbeatMs / 1_000,
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    });
  }

  handleDisconnect(connection: Connection): void {
    this.orders.close(connection);
    this.rooms.disconnect(connection);
  }

  @SubscribeMessage('join_room')
  async join(
    @MessageBody({ schema: joinRoom }) { room, metadata = {}, lastEventId: after }: JoinRoom,
    @ConnectedSocket() connection: Connection,
  ): Promise<void> {
    const orderId = orderOf(room);
    if (orderId === null && after !== undefined) throw notOfAnOrder;
    this.rooms.checkRoom(room, connection);
    const follows = orderId !== null && !this.rooms.isIn(room, connection);
    const begin = follows ? await this.orders.open(connection, { room, orderId, after }) : null;
    if (!connection.isOpen) return;
    connection.send(this.rooms.join(room, connection, metadata));
    begin?.();
  }

  @SubscribeMessage('leave_room')
  leave(
    @MessageBody({ schema: leaveRoom }) { room }: InRoom,
    @ConnectedSocket() connection: Connection,
  ): ServerMessageOf<'room_left'> {
    this.rooms.leave(room, connection);
    this.orders.close(connection, room);
    return { type: 'room_left', room };
  }

  @SubscribeMessage('get_room_users')
  users(
    @MessageBody({ schema: getRoomUsers }) { room }: InRoom,
    @ConnectedSocket() connection: Connection,
  ): ServerMessageOf<'room_users'> {
    return { type: 'room_users', room, users: [...this.rooms.users(room, connection)] };
  }

  @SubscribeMessage('chat_message')
  chat(
    @MessageBody({ schema: chatMessage }) { room, message }: ChatMessage,
    @ConnectedSocket() connection: Connection,
  ): void {
    this.rooms.chat(room, connection, message);
  }
}

const notOfAnOrder = new Problem(400, 'invalid_request', 'only rooms of orders have versions', {
  errors: [{ path: '/lastEventId', message: 'is only for the room of an order' }],
});
