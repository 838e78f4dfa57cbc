import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Draining, Problem, stopping } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import type { WebSocket } from 'ws';
import type { closeCodes } from './close-codes.ts';
import { Connection } from './connection.ts';
import type { Session } from './session.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket.config.ts';
import { SocketMetrics } from './socket-metrics.ts';

/** The WebSockets of this gateway. */
@Injectable()
export class Connections implements OnApplicationShutdown {
  private readonly open = new Map<string, Connection>();
  private forgetBeat: () => void = () => {};

  constructor(
    @Inject(SOCKET_LIMITS) private readonly limits: SocketLimits,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly metrics: SocketMetrics,
    private readonly draining: Draining,
  ) {
    draining.onBegin(() => this.closeAll());
    this.beatLater();
  }

  onApplicationShutdown(): void {
    this.forgetBeat();
  }

  get size(): number {
    return this.open.size;
  }

  /** Throws a problem if there is no room for one more. */
  checkRoom(): void {
    if (this.draining.hasBegun) throw stopping();
    if (this.open.size < this.limits.total) return;
    throw new Problem(503, 'overloaded', 'too many connections are open; try again later', {
      headers: { 'retry-after': '5' },
    });
  }

  /** Takes a WebSocket, which ends with the token of its session. */
  admit(socket: WebSocket, session: Session): Connection {
    const connection = new Connection(socket, session, this.limits, this.clock, this.metrics);
    this.open.set(connection.id, connection);
    this.metrics.connections(this.open.size);
    const forgetExpiry = this.endWithToken(connection);
    connection.onEnd(() => {
      forgetExpiry();
      this.open.delete(connection.id);
      this.metrics.connections(this.open.size);
    });
    return connection;
  }

  /** The connection with this id, if it is of this gateway. */
  find(id: string): Connection | undefined {
    return this.open.get(id);
  }

  all(): Iterable<Connection> {
    return this.open.values();
  }

  /** The connections of a user at this gateway. */
  of(userId: string): readonly Connection[] {
    return [...this.open.values()].filter((each) => each.userId === userId);
  }

  /** Closes every connection of a user. */
  end(userId: string, why: keyof typeof closeCodes, reason: string): void {
    for (const connection of this.of(userId)) connection.close(why, reason);
  }

  private closeAll(): void {
    for (const connection of [...this.open.values()])
      connection.close('restarting', 'the server restarts; connect again');
  }

  private endWithToken(connection: Connection): () => void {
    const { expiresAt } = connection.session.caller;
    if (expiresAt === undefined) return () => {};
    const left = Math.max(0, expiresAt - this.clock.now().getTime());
    return this.clock.after(left, () => connection.close('expired', 'the token has expired'));
  }

  private beatLater(): void {
    this.forgetBeat = this.clock.after(this.limits.heartbeatMs, () => {
      for (const connection of this.open.values()) connection.beat();
      this.beatLater();
    });
  }
}
