import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ClosingOptions {
  /** Milliseconds within which responses may still be sent. */
  readonly within: number;
  /**
   * Answers a request that gets no other response, because it did not arrive completely or its response took too long.
   * Default: 503 without a body.
   */
  readonly refuse?: (response: ServerResponse) => void;
}

/** The number of connections that Node lets wait to be accepted. */
const backlog = 511;
/** Milliseconds allowed for data that is already in transit. */
const moment = 250;
/** Milliseconds for a partially received request to arrive completely. */
const longestArrival = 2_000;

/** Tracks the open responses of an HTTP server for its shutdown: each is sent, or refused, before its connection ends. */
export class OpenAnswers {
  private readonly open = new Map<ServerResponse, IncomingMessage>();
  /** By remote address, because requests over TLS have another socket than their connection. */
  private readonly connections = new Map<string, Socket>();
  private accepted = 0;
  private closing: Promise<void> | null = null;
  private leaving = false;

  /** Create it before the server gets its first request. */
  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.accepted += 1;
      const place = placeOf(socket);
      this.connections.set(place, socket);
      socket.once('close', () => this.connections.delete(place));
    });
    server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
      this.began(request, response),
    );
  }

  /** The responses that have not ended, each with its request. */
  entries(): Iterable<readonly [ServerResponse, IncomingMessage]> {
    return this.open.entries();
  }

  /**
   * Call it before `close`: requests are still answered, but each response closes its connection. Clients with keep-alive
   * connections then move elsewhere, and no request is lost with a closing connection.
   */
  leave(): void {
    this.leaving = true;
    for (const response of this.open.keys()) sayLast(response);
  }

  /**
   * Accepts only connections that are already waiting. Requests are answered, including those that arrive on open
   * connections; then the connections end. Resolves when all have ended, at the latest shortly after `within`.
   * Idempotent.
   */
  close(options: ClosingOptions): Promise<void> {
    this.closing ??= this.end(options);
    return this.closing;
  }

  private began(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    this.open.set(response, request);
    if (this.leaving || this.closing) sayLast(response);
    response.once('close', () => {
      this.open.delete(response);
      if (this.closing) socket.end();
    });
  }

  private async end({ within, refuse = refuseBriefly }: ClosingOptions): Promise<void> {
    const deadline = performance.now() + within;
    for (const response of this.open.keys()) sayLast(response);
    await this.acceptAll(performance.now() + within / 2);
    const ended = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    if (await inTime(ended, Math.min(moment, within))) return;
    this.closeSilent();
    if (await inTime(ended, Math.min(longestArrival, deadline - performance.now()))) return;
    this.letGoOfParts(refuse);
    if (await inTime(ended, deadline - performance.now())) return;
    for (const response of this.open.keys()) if (!response.headersSent) refuse(response);
    if (await inTime(ended, moment)) return;
    this.server.closeAllConnections();
    await ended;
  }

  /** Node does not treat a connection without any request as idle. */
  private closeSilent(): void {
    for (const socket of this.connections.values()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** A request that has not arrived completely by now may never do so. */
  private letGoOfParts(refuse: (response: ServerResponse) => void): void {
    const calling = new Set<string>();
    for (const [response, request] of this.open) {
      calling.add(placeOf(request.socket));
      if (!request.complete && !response.headersSent) refuse(response);
    }
    for (const [place, socket] of this.connections) if (!calling.has(place)) socket.destroy();
  }

  /**
   * A connection that is not accepted yet would be reset. Each turn of the event loop accepts one, and new ones may keep
   * arriving, so it stops after the last one that may have been waiting at the start.
   */
  private async acceptAll(deadline: number): Promise<void> {
    const last = this.accepted + backlog;
    for (let before = -1; before !== this.accepted && this.accepted < last; ) {
      if (performance.now() > deadline) return;
      before = this.accepted;
      for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate);
    }
  }
}

const placeOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const refuseBriefly = (response: ServerResponse): void => void response.writeHead(503).end();

/** Closes the connection after this response, and says so in its headers. */
function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.shouldKeepAlive = false;
}

async function inTime(ended: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const inTime = await Promise.race([ended.then(() => true as const), late]);
  clearTimeout(timer);
  return inTime;
}
