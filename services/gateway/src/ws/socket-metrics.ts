import { Injectable } from '@nestjs/common';
import { clientMessages, serverMessages } from '@waybill/contracts/socket';
import { Metrics } from '@waybill/observability';
import { busiest, countsByKind, type RoomSize } from './domain/room-sizes.ts';

/** Clients choose the names of rooms, so that only a few may be labels. */
const namedRooms = 10;
const known = new Set<string>(clientMessages.map((schema) => schema.shape.type.value));

/** The metrics of the WebSocket, of this gateway alone. */
@Injectable()
export class SocketMetrics {
  private readonly open;
  private readonly messages;
  private readonly bytes;
  private readonly lost;
  private readonly refusals;

  constructor(private readonly metrics: Metrics) {
    this.open = metrics.gauge({
      name: 'waybill_ws_connections',
      help: 'Open WebSockets',
      labelNames: [],
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

  /** Counts rooms when the metrics are read: `sizes` returns those of all gateways. */
  countRooms(sizes: () => readonly RoomSize[]): void {
    for (const [name, help, what] of [
      ['waybill_ws_rooms', 'Rooms of all gateways', 'rooms'],
      ['waybill_ws_room_users', 'Clients in rooms of all gateways', 'users'],
    ] as const) {
      this.metrics.gauge({
        name,
        help,
        labelNames: ['kind'],
        collect() {
          for (const [kind, counts] of Object.entries(countsByKind(sizes())))
            this.set({ kind }, counts[what]);
        },
      });
    }
    this.metrics.gauge({
      name: 'waybill_ws_chat_room_users',
      help: `Clients in each of the ${namedRooms} chat rooms with the most, of all gateways`,
      labelNames: ['room'],
      collect() {
        this.reset();
        for (const { room, users } of busiest(sizes(), namedRooms)) this.set({ room }, users);
      },
    });
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
