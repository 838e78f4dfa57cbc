import { AbstractWsAdapter } from '@nestjs/websockets';
import type { ServerMessage } from '@waybill/contracts/socket';
import { Problem, parseJson } from '@waybill/http';
import { type Observable, throwError } from 'rxjs';
import type { WebSocketServer } from 'ws';
import type { Connection } from './connection.ts';
import { errorMessage } from './error-message.ts';
import type { SocketMetrics } from './socket-metrics.ts';

interface Handler {
  readonly message: unknown;
  readonly callback: (data: unknown) => unknown;
}
type Transform = (result: unknown) => Observable<unknown>;
type Listener = (message: object) => Observable<unknown>;

/**
 * Brings messages `{ "type": … }` to the handlers of Nest's gateways: those of one connection one after the other. Nest's own adapter
 * for `ws` takes `{ event, data }`, ignores unknown ones, and accepts each upgrade of the HTTP server.
 */
export class SocketAdapter extends AbstractWsAdapter {
  private readonly handlers = new WeakMap<Connection, Map<string, Listener>>();

  constructor(
    private readonly server: WebSocketServer,
    private readonly metrics: SocketMetrics,
  ) {
    super();
  }

  /** Every gateway class has the one server, to which the `SocketDoor` hands connections. */
  override create(): WebSocketServer {
    return this.server;
  }

  /** Called for each gateway class: the handlers of all of them serve one connection. */
  override bindMessageHandlers(
    connection: Connection,
    handlers: Handler[],
    transform: Transform,
  ): void {
    const known = this.handlers.get(connection) ?? new Map<string, Listener>();
    for (const { message, callback } of handlers)
      known.set(String(message), (data) => transform(callback(data)));
    if (this.handlers.has(connection)) return;
    this.handlers.set(connection, known);
    let last: Promise<void> = Promise.resolve();
    connection.onMessage((data, isBinary) => {
      if (isBinary) connection.close('unsupported', 'messages are text');
      else if (connection.mayContinue())
        last = last.then(() => this.receive(connection, known, data));
    });
  }

  override bindClientDisconnect(connection: Connection, callback: () => void): void {
    connection.onEnd(callback);
  }

  override async close(server: WebSocketServer): Promise<void> {
    server.close();
  }

  /** Never rejects; resolves when the message is handled. */
  private receive(
    connection: Connection,
    handlers: ReadonlyMap<string, Listener>,
    data: Buffer,
  ): Promise<void> {
    return new Promise((resolve) => {
      if (!connection.isOpen) return resolve();
      this.answers(handlers, data).subscribe({
        next: (answer) => {
          if (answer) connection.send(answer as ServerMessage);
        },
        error: (error: unknown) => {
          connection.send(errorMessage(error));
          resolve();
        },
        complete: resolve,
      });
    });
  }

  private answers(handlers: ReadonlyMap<string, Listener>, data: Buffer): Observable<unknown> {
    try {
      const message = objectIn(data);
      const { type } = message as { readonly type?: unknown };
      const handle = typeof type === 'string' ? handlers.get(type) : undefined;
      this.metrics.received(handle ? String(type) : 'other', data.length);
      if (handle) return handle(message);
      throw unknownType(type, [...handlers.keys()]);
    } catch (error) {
      return throwError(() => error);
    }
  }
}

function objectIn(data: Buffer): object {
  const value = parseJson(data);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Problem(400, 'invalid_request', 'a message is an object with a type');
}

function unknownType(type: unknown, known: readonly string[]): Problem {
  const rule = `is ${known.join(', ')}`;
  const errors = [{ path: '/type', message: type === undefined ? 'is missing' : rule }];
  return new Problem(400, 'unknown_type', `the type of a message ${rule}`, { errors });
}
