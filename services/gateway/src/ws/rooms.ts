import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { newId } from '@waybill/contracts';
import type { Metadata, RoomUser, ServerMessage, ServerMessageOf } from '@waybill/contracts/socket';
import { Problem } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { type Change, Directory, type News } from './domain/directory.ts';
import { type Audience, type Delivery, type PeerHost, Peers } from './peers.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket.config.ts';
import { SocketMetrics } from './socket-metrics.ts';

/** Who is connected and in which rooms, at all gateways, and what they write to each other. */
@Injectable()
export class Rooms implements OnApplicationBootstrap, PeerHost {
  /** The name of this gateway among the others. */
  readonly gateway = newId();
  private readonly directory = new Directory();

  constructor(
    private readonly connections: Connections,
    private readonly peers: Peers,
    @Inject(SOCKET_LIMITS) private readonly limits: SocketLimits,
    @Inject(CLOCK) private readonly clock: Clock,
    metrics: SocketMetrics,
  ) {
    metrics.countRooms(() => this.directory.sizes());
  }

  onApplicationBootstrap(): void {
    this.peers.open(this);
  }

  /** Throws a 429 problem if a user has as many connections as one may have. */
  checkUser(userId: string): void {
    const { perUser } = this.limits;
    if (this.directory.connectionsOf(userId) < perUser) return;
    const detail = `you have ${perUser} connections open already`;
    throw new Problem(429, 'too_many_connections', detail, { headers: { 'retry-after': '5' } });
  }

  connect({ id, userId, role }: Connection): void {
    this.own({ type: 'connected', client: { id, userId, role } });
  }

  disconnect({ id }: Connection): void {
    this.own({ type: 'disconnected', clientId: id });
  }

  /** Throws a problem if a connection is in as many rooms as it may be in. */
  checkRoom(room: string, { id }: Connection): void {
    const joined = this.directory.roomsOf(id);
    if (joined.includes(room) || joined.length < this.limits.rooms) return;
    throw new Problem(429, 'too_many_rooms', `you are in ${this.limits.rooms} rooms already`);
  }

  /** Puts a connection into a room, and tells the others there. A room that it is in already is only shown again. */
  join(room: string, { id }: Connection, metadata: Metadata): ServerMessageOf<'room_joined'> {
    const at = this.now();
    this.own({ type: 'joined', room, clientId: id, metadata, at });
    const users = this.directory.users(room);
    const mine = users.find(({ clientId }) => clientId === id);
    const others = users.filter((user) => user !== mine);
    return { type: 'room_joined', room, metadata: mine?.metadata ?? {}, users: others };
  }

  isIn(room: string, { id }: Connection): boolean {
    return this.directory.isIn(room, id);
  }

  leave(room: string, connection: Connection): void {
    this.checkIn(room, connection);
    this.own({ type: 'left', room, clientId: connection.id });
  }

  /** Who is in a room; throws a problem if the connection is not. */
  users(room: string, connection: Connection): readonly RoomUser[] {
    this.checkIn(room, connection);
    return this.directory.users(room);
  }

  /** Sends a message to the others of a room; throws a problem if the connection is not in it. */
  tell(room: string, connection: Connection, message: ServerMessage): void {
    this.checkIn(room, connection);
    this.deliver({ to: { room, except: connection.id }, message });
  }

  /** Writes to the others of a room. */
  chat(room: string, connection: Connection, message: string): void {
    const at = this.now();
    this.tell(room, connection, { type: 'chat_message', room, message, from: connection.id, at });
  }

  /** Writes to one client; false if there is no such client. */
  whisper(target: string, { id: from }: Connection, message: string): boolean {
    if (!this.directory.client(target)) return false;
    this.deliver({
      to: { client: target },
      message: { type: 'private_message', message, from, at: this.now() },
    });
    return true;
  }

  /** Writes to every other client, and returns their number. */
  broadcast({ id: from }: Connection, message: string): number {
    this.deliver({
      to: { everybodyExcept: from },
      message: { type: 'broadcast_message', message, from, at: this.now() },
    });
    return this.directory.size - 1;
  }

  /** Each room with the number of those in it. */
  sizes() {
    return this.directory.sizes();
  }

  /** The number of clients at all gateways. */
  get clients(): number {
    return this.directory.size;
  }

  /** Everything about the clients of this gateway. */
  state(): readonly News[] {
    return this.directory.stateOf(this.gateway);
  }

  /** Takes what another gateway tells of its clients: all of them, or what is new. */
  take(gateway: string, news: readonly News[], isWhole: boolean): void {
    this.announce(
      isWhole
        ? this.directory.replace(gateway, news)
        : news.flatMap((each) => this.directory.apply(gateway, each)),
    );
  }

  /** Delivers to the clients of this gateway. */
  deliverHere({ to, message }: Delivery): void {
    const text = JSON.stringify(message);
    for (const connection of this.reached(to)) connection.sendText(message.type, text);
  }

  private deliver(delivery: Delivery): void {
    this.deliverHere(delivery);
    this.peers.deliver(delivery);
  }

  private own(news: News): void {
    this.announce(this.directory.apply(this.gateway, news));
    this.peers.tell(news);
  }

  private announce(changes: readonly Change[]): void {
    for (const change of changes) {
      const { room } = change;
      const [except, message]: [string, ServerMessage] =
        change.type === 'joined'
          ? [change.user.clientId, { type: 'user_joined', room, user: change.user }]
          : [change.clientId, { type: 'user_left', room, clientId: change.clientId }];
      this.deliverHere({ to: { room, except }, message });
    }
  }

  private reached(to: Audience): Iterable<Connection> {
    if ('room' in to) {
      const users = this.directory.users(to.room).filter(({ clientId }) => clientId !== to.except);
      return users.flatMap(({ clientId }) => this.connections.find(clientId) ?? []);
    }
    if ('client' in to) return [this.connections.find(to.client) ?? []].flat();
    if ('user' in to) return this.connections.of(to.user);
    return [...this.connections.all()].filter(({ id }) => id !== to.everybodyExcept);
  }

  private checkIn(room: string, connection: Connection): void {
    if (this.isIn(room, connection)) return;
    throw new Problem(409, 'not_in_room', `join ${room} first`);
  }

  private now(): string {
    return this.clock.now().toISOString();
  }
}
