import type { Metadata, RoomUser } from '@waybill/contracts/socket';
import type { RoomSize } from './room-sizes.ts';

/** A connection to one of the gateways. */
export interface Client {
  readonly id: string;
  readonly userId: string;
  readonly role: RoomUser['role'];
}

/** What a gateway tells the others about its own clients. */
export type News =
  | { readonly type: 'connected'; readonly client: Client }
  | { readonly type: 'disconnected'; readonly clientId: string }
  | {
      readonly type: 'joined';
      readonly room: string;
      readonly clientId: string;
      readonly metadata: Metadata;
      readonly at: string;
    }
  | { readonly type: 'left'; readonly room: string; readonly clientId: string };

/** What the others of a room are told. */
export type Change =
  | { readonly type: 'joined'; readonly room: string; readonly user: RoomUser }
  | { readonly type: 'left'; readonly room: string; readonly clientId: string };

interface Known extends Client {
  readonly gateway: string;
  readonly rooms: Set<string>;
}

/** Who is connected to which gateway, and in which rooms. A room exists while somebody is in it. */
export class Directory {
  private readonly clients = new Map<string, Known>();
  private readonly rooms = new Map<string, Map<string, RoomUser>>();
  private readonly byUser = new Map<string, number>();

  /** Takes the news of a gateway about its own clients; news that change nothing have no effect. */
  apply(gateway: string, news: News): readonly Change[] {
    if (news.type === 'connected') return this.connect(gateway, news.client);
    const clientId = news.clientId;
    const client = this.clients.get(clientId);
    if (client?.gateway !== gateway) return [];
    if (news.type === 'disconnected') return this.disconnect(client);
    if (news.type === 'left') return this.leave(client, news.room);
    const { metadata, at: joinedAt } = news;
    return this.join(client, news.room, { clientId, role: client.role, metadata, joinedAt });
  }

  /** Takes everything that a gateway has, in place of what was known of it. */
  replace(gateway: string, state: readonly News[]): readonly Change[] {
    const kept = new Set<string>();
    const stays = new Set<string>();
    for (const news of state) {
      if (news.type === 'connected') kept.add(news.client.id);
      if (news.type === 'joined') stays.add(`${news.clientId} ${news.room}`);
    }
    const gone = this.of(gateway).flatMap((client) =>
      kept.has(client.id)
        ? [...client.rooms]
            .filter((room) => !stays.has(`${client.id} ${room}`))
            .flatMap((room) => this.leave(client, room))
        : this.disconnect(client),
    );
    return [...gone, ...state.flatMap((news) => this.apply(gateway, news))];
  }

  /** Forgets the clients of a gateway that is gone. */
  forget(gateway: string): readonly Change[] {
    return this.replace(gateway, []);
  }

  /** Everything that is known of a gateway, as news from which another can begin. */
  stateOf(gateway: string): readonly News[] {
    return this.of(gateway).flatMap(({ id, userId, role, rooms }): News[] => [
      { type: 'connected', client: { id, userId, role } },
      ...[...rooms].flatMap((room): News[] => {
        const user = this.rooms.get(room)?.get(id);
        if (!user) return [];
        const { metadata, joinedAt: at } = user;
        return [{ type: 'joined', room, clientId: id, metadata, at }];
      }),
    ]);
  }

  /** The client with this id, at any gateway. */
  client(clientId: string): (Client & { readonly gateway: string }) | undefined {
    return this.clients.get(clientId);
  }

  /** How many clients there are, at all gateways. */
  get size(): number {
    return this.clients.size;
  }

  /** How many connections a user has, at all gateways. */
  connectionsOf(userId: string): number {
    return this.byUser.get(userId) ?? 0;
  }

  isIn(room: string, clientId: string): boolean {
    return this.rooms.get(room)?.has(clientId) ?? false;
  }

  /** The rooms that a client is in. */
  roomsOf(clientId: string): readonly string[] {
    return [...(this.clients.get(clientId)?.rooms ?? [])];
  }

  /** Who is in a room, the first who joined first. */
  users(room: string): readonly RoomUser[] {
    return [...(this.rooms.get(room)?.values() ?? [])];
  }

  /** Each room with the number of those in it. */
  sizes(): readonly RoomSize[] {
    return [...this.rooms].map(([room, users]) => ({ room, users: users.size }));
  }

  private of(gateway: string): readonly Known[] {
    return [...this.clients.values()].filter((client) => client.gateway === gateway);
  }

  private connect(gateway: string, { id, userId, role }: Client): readonly Change[] {
    if (this.clients.has(id)) return [];
    this.clients.set(id, { id, userId, role, gateway, rooms: new Set() });
    this.byUser.set(userId, this.connectionsOf(userId) + 1);
    return [];
  }

  private disconnect(client: Known): readonly Change[] {
    const changes = [...client.rooms].flatMap((room) => this.leave(client, room));
    this.clients.delete(client.id);
    const left = this.connectionsOf(client.userId) - 1;
    if (left > 0) this.byUser.set(client.userId, left);
    else this.byUser.delete(client.userId);
    return changes;
  }

  private join(client: Known, room: string, user: RoomUser): readonly Change[] {
    if (client.rooms.has(room)) return [];
    client.rooms.add(room);
    const users = this.rooms.get(room) ?? new Map<string, RoomUser>();
    this.rooms.set(room, users.set(client.id, user));
    return [{ type: 'joined', room, user }];
  }

  private leave(client: Known, room: string): readonly Change[] {
    if (!client.rooms.delete(room)) return [];
    const users = this.rooms.get(room);
    users?.delete(client.id);
    if (users?.size === 0) this.rooms.delete(room);
    return [{ type: 'left', room, clientId: client.id }];
  }
}
