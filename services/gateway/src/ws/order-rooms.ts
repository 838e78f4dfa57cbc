import { Inject, Injectable } from '@nestjs/common';
import { problemOf } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { LOGGER, type Log } from '@waybill/observability';
import { type OrderFeed, OrderFeeds } from '../order-feeds.ts';
import type { Connection } from './connection.ts';
import { Rooms } from './rooms.ts';

/** Milliseconds until a lost feed is opened again. */
const againAfter = 1_000;
const refusals = new Set([401, 403, 404]);

/** A connection in the room of an order. */
interface Follower {
  readonly connection: Connection;
  readonly room: string;
  readonly orderId: string;
  feed: OrderFeed;
  /** The last version that the connection has. */
  last: number | undefined;
  ended: boolean;
}

/** Sends each version of an order to those in its room, from the order service's own stream: none is missed, repeated or out of order. */
@Injectable()
export class OrderRooms {
  private readonly followers = new Map<Connection, Map<string, Follower>>();

  constructor(
    private readonly feeds: OrderFeeds,
    private readonly rooms: Rooms,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  /**
   * Resolves with a function that begins to send, once the order service has admitted the user; `after` is the last version that the
   * client has. Rejects with the problem of the order service.
   */
  async open(
    connection: Connection,
    { room, orderId, after }: { room: string; orderId: string; after: number | undefined },
  ): Promise<() => void> {
    const { authorization } = connection.session;
    const feed = await this.feeds.open(orderId, { authorization, after });
    const follower = { connection, room, orderId, feed, last: after, ended: false };
    if (!connection.isOpen) {
      feed.close();
      return () => {};
    }
    const mine = this.followers.get(connection) ?? new Map<string, Follower>();
    this.followers.set(connection, mine.set(room, follower));
    return () => void this.follow(follower);
  }

  /** Ends what is sent to a connection: of one room, or of all. */
  close(connection: Connection, room?: string): void {
    const mine = this.followers.get(connection);
    for (const follower of mine?.values() ?? []) {
      if (room !== undefined && follower.room !== room) continue;
      follower.ended = true;
      follower.feed.close();
      mine?.delete(follower.room);
    }
    if (mine?.size === 0) this.followers.delete(connection);
  }

  private async follow(follower: Follower): Promise<void> {
    while (!follower.ended) {
      try {
        await this.sendAll(follower);
      } catch (error) {
        this.log.debug({ error, orderId: follower.orderId }, 'the stream of an order was lost');
      }
      follower.feed.close();
      if (!follower.ended) await this.openAgain(follower);
    }
  }

  /** A slow reader is waited for: the order service keeps its versions. */
  private async sendAll(follower: Follower): Promise<void> {
    const { connection, room } = follower;
    for await (const { id, order } of follower.feed.versions) {
      if (!(await connection.whenRoom()) || follower.ended) return;
      follower.last = id;
      connection.send({ type: 'order_updated', room, id, order });
    }
  }

  private async openAgain(follower: Follower): Promise<void> {
    const { connection, orderId, last: after } = follower;
    await new Promise<void>((resolve) => this.clock.after(againAfter, resolve));
    if (follower.ended) return;
    try {
      const { authorization } = connection.session;
      follower.feed = await this.feeds.open(orderId, { authorization, after });
      if (follower.ended) follower.feed.close();
    } catch (error) {
      const { status, detail } = problemOf(error);
      if (refusals.has(status)) this.expel(follower, detail);
    }
  }

  private expel({ connection, room }: Follower, reason: string): void {
    this.close(connection, room);
    if (!this.rooms.isIn(room, connection)) return;
    this.rooms.leave(room, connection);
    connection.send({ type: 'room_left', room, reason });
  }
}
