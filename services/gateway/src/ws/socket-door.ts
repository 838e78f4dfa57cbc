import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import { Problem, problemOf, ServerErrors } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import type { WebSocketServer } from 'ws';
import { InactiveCustomers, inactive } from '../inactive/inactive-customers.ts';
import { answerUpgrade } from './answer-upgrade.ts';
import { Connections } from './connections.ts';
import { mayConnect } from './domain/origin.ts';
import { Rooms } from './rooms.ts';
import type { Session } from './session.ts';
import { SOCKET_LIMITS, type SocketLimits } from './socket.config.ts';
import { SocketMetrics } from './socket-metrics.ts';
import { Tickets } from './tickets.ts';

/** The subprotocol that a client must offer. */
export const subprotocol = 'waybill.v1';

/** Injects the `WebSocketServer`. */
export const SOCKET_SERVER = Symbol('waybill:socket-server');

/** Turns requests for `/ws` into WebSockets: of allowed pages, with a ticket, while there is room. */
@Injectable()
export class SocketDoor {
  constructor(
    @Inject(SOCKET_SERVER) private readonly server: WebSocketServer,
    private readonly connections: Connections,
    private readonly rooms: Rooms,
    private readonly tickets: Tickets,
    private readonly inactive: InactiveCustomers,
    private readonly metrics: SocketMetrics,
    private readonly errors: ServerErrors,
    @Inject(SOCKET_LIMITS) private readonly limits: SocketLimits,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    inactive.onInactive((customerId) =>
      connections.end(customerId, 'inactive', 'this account is inactive'),
    );
    server.on('wsClientError', (error, socket, request) => {
      this.refuse(request, socket, new Problem(400, 'malformed_request', error.message));
    });
  }

  /** Never rejects: a request that is refused is answered with a problem. */
  async open(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', ignore);
    try {
      const session = await this.sessionOf(request);
      if (socket.destroyed) return;
      // Nothing may come between the check and the connection that counts.
      this.checkRoom(session);
      this.server.handleUpgrade(request, socket, head, (client) => {
        socket.off('error', ignore);
        this.server.emit('connection', this.connections.admit(client, session));
      });
    } catch (error) {
      this.refuse(request, socket, problemOf(error));
    }
  }

  private async sessionOf({ url = '', headers }: IncomingMessage): Promise<Session> {
    if (!mayConnect(headers.origin, headers.host, this.limits.origins)) throw wrongOrigin;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    if (!offered.includes(subprotocol)) throw wrongSubprotocol;
    const ticket = new URL(url, 'ws://here').searchParams.get('ticket');
    const session = ticket ? await this.tickets.take(ticket) : null;
    if (!session) throw invalidTicket;
    return session;
  }

  private checkRoom({ caller: { id, expiresAt } }: Session): void {
    if (this.inactive.has(id)) throw inactive();
    if (expiresAt !== undefined && expiresAt <= this.clock.now().getTime()) throw invalidTicket;
    this.connections.checkRoom();
    this.rooms.checkUser(id);
  }

  private refuse(request: IncomingMessage, socket: Duplex, problem: Problem): void {
    this.metrics.refused(problem.code);
    answerUpgrade(request, socket, problem, this.errors);
  }
}

const ignore = (): void => {};

const wrongOrigin = new Problem(
  403,
  'wrong_origin',
  'the Origin header names no origin whose pages may connect',
);
const wrongSubprotocol = new Problem(
  400,
  'wrong_subprotocol',
  `Sec-WebSocket-Protocol must offer ${subprotocol}`,
);
const invalidTicket = new Problem(
  401,
  'invalid_ticket',
  'the query needs a ticket of POST /api/v1/ws/tickets, which is valid once, for 30 seconds',
);
