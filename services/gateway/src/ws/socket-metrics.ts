import { Injectable } from '@nestjs/common';
import { clientMessages, serverMessages } from '@waybill/contracts/socket';
import { Metrics } from '@waybill/observability';
import type { RoomKind } from './domain/room-kind.ts';

const known = new Set<string>(clientMessages.map((schema) => schema.shape.type.value));

/** The metrics of the WebSocket, of this gateway alone. */
@Injectable()
export class SocketMetrics {
  private readonly open;
  private readonly rooms;
  private readonly members;
  private readonly messages;
  private readonly bytes;
  private readonly lost;
  private readonly refusals;

  constructor(metrics: Metrics) {
    this.open = metrics.gauge({
      name: 'waybill_ws_connections',
      help: 'Open WebSockets',
      labelNames: [],
    });
    this.rooms = metrics.gauge({
      name: 'waybill_ws_rooms',
      help: 'Rooms of all gateways',
      labelNames: ['kind'],
    });
    this.members = metrics.gauge({
      name: 'waybill_ws_room_users',
      help: 'Clients in rooms of all gateways',
      labelNames: ['kind'],
    });
    this.messages = metrics.counter({
      name: 'waybill_ws_messages_total',
      help: 'Messages of WebSockets',
      labelNames: ['direction', 'type'],
    });
    this.bytes = metrics.counter({
      name: 'waybill_ws_bytes_total',
      help: 'Bytes in messages of WebSockets',
      labelNames: ['direction'],
    });
    this.lost = metrics.counter({
      name: 'waybill_ws_dropped_total',
      help: 'Messages to clients that read too slowly',
      labelNames: [],
    });
    this.refusals = metrics.counter({
      name: 'waybill_ws_refused_total',
      help: 'WebSockets refused before they opened',
      labelNames: ['code'],
    });
    for (const { shape } of serverMessages)
      this.messages.inc({ direction: 'out', type: shape.type.value }, 0);
  }

  connections(count: number): void {
    this.open.set(count);
  }

  inRooms(
    counts: Readonly<Record<RoomKind, { readonly rooms: number; readonly users: number }>>,
  ): void {
    for (const kind of ['order', 'chat'] as const) {
      this.rooms.set({ kind }, counts[kind].rooms);
      this.members.set({ kind }, counts[kind].users);
    }
  }

  received(type: string, bytes: number): void {
    this.messages.inc({ direction: 'in', type: known.has(type) ? type : 'other' });
    this.bytes.inc({ direction: 'in' }, bytes);
  }

  sent(type: string, bytes: number): void {
    this.messages.inc({ direction: 'out', type });
    this.bytes.inc({ direction: 'out' }, bytes);
  }

  dropped(): void {
    this.lost.inc();
  }

  refused(code: string): void {
    this.refusals.inc({ code });
  }
}
