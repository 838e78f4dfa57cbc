import { Inject } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import {
  type Broadcast,
  broadcast,
  type PrivateMessage,
  ping,
  privateMessage,
  type ServerMessageOf,
} from '@waybill/contracts/socket';
import { Problem } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import { Rooms } from './rooms.ts';
import { SocketGateway } from './socket-gateway.ts';

/** Messages outside of rooms. */
@SocketGateway()
export class MessageGateway {
  constructor(
    private readonly rooms: Rooms,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @SubscribeMessage('private_message')
  whisper(
    @MessageBody({ schema: privateMessage }) { targetClientId, message }: PrivateMessage,
    @ConnectedSocket() connection: Connection,
  ): ServerMessageOf<'message_sent'> {
    const success = this.rooms.whisper(targetClientId, connection, message);
    return { type: 'message_sent', success, targetClientId };
  }

  @SubscribeMessage('broadcast')
  broadcast(
    @MessageBody({ schema: broadcast }) { message }: Broadcast,
    @ConnectedSocket() connection: Connection,
  ): ServerMessageOf<'broadcast_sent'> {
    if (connection.role !== 'operator') throw forOperators;
    return { type: 'broadcast_sent', sentTo: this.rooms.broadcast(connection, message) };
  }

  @SubscribeMessage('ping')
  pong(@MessageBody({ schema: ping }) _: unknown): ServerMessageOf<'pong'> {
    return { type: 'pong', at: this.clock.now().toISOString() };
  }
}

const forOperators = new Problem(403, 'forbidden', 'only operators write to everybody');
