import { Inject } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage } from '@nestjs/websockets';
import { newId } from '@waybill/contracts';
import {
  type Broadcast,
  broadcast,
  type PrivateMessage,
  ping,
  privateMessage,
  type ServerMessageOf,
} from '@waybill/contracts/socket';
import { AUDIT_TRAIL, type AuditTrail, Problem } from '@waybill/http';
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
    @Inject(AUDIT_TRAIL) private readonly audit: AuditTrail,
  ) {}

  @SubscribeMessage('private_message')
  whisper(
    @MessageBody({ schema: privateMessage }) { targetClientId, message }: PrivateMessage,
    @ConnectedSocket() connection: Connection,
  ): ServerMessageOf<'message_sent'> {
    const success = this.rooms.whisper(targetClientId, connection, message);
    return { type: 'message_sent', success, targetClientId };
  }

  /** Is audited as every action of an operator: one that cannot be is refused. */
  @SubscribeMessage('broadcast')
  async broadcast(
    @MessageBody({ schema: broadcast }) { message }: Broadcast,
    @ConnectedSocket() connection: Connection,
  ): Promise<ServerMessageOf<'broadcast_sent'>> {
    if (connection.role !== 'operator') throw forOperators;
    const id = newId();
    const operator = connection.session.caller.auditName;
    await this.audit.began({ id, operator, action: 'WS broadcast', subject: null, reason: null });
    const sentTo = this.rooms.broadcast(connection, message);
    // It has taken effect, so the operator is told, even if its end cannot be stored.
    await this.audit.ended(id, { status: 200, subject: null }).catch(() => undefined);
    return { type: 'broadcast_sent', sentTo };
  }

  @SubscribeMessage('ping')
  pong(@MessageBody({ schema: ping }) _: unknown): ServerMessageOf<'pong'> {
    return { type: 'pong', at: this.clock.now().toISOString() };
  }
}

const forOperators = new Problem(403, 'forbidden', 'only operators write to everybody');
