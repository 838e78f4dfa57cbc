import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface ClosingOptions {
  /** Milliseconds in which answers may still come. */
  readonly within: number;
  /**
   * Answers a request that gets no other answer, because it did not arrive whole, or because its answer took too long.
   * Default: 503 without a body.
   */
  readonly refuse?: (response: ServerResponse) => void;
}

/** Connections that Node lets wait to be accepted. */
const backlog = 511;
/** Milliseconds for what is on its way in a moment. */
const moment = 250;
/** Milliseconds for a request that is half here to arrive whole. */
const longestArrival = 2_000;

/** The answers that an HTTP server owes, and how it stops: each is given, or refused, before its connection ends. */
export class OpenAnswers {
  private readonly open = new Map<ServerResponse, IncomingMessage>();
  /** By the place that they come from: requests by TLS have another socket than their connection. */
  private readonly connections = new Map<string, Socket>();
  private accepted = 0;
  private closing: Promise<void> | null = null;
  private leaving = false;

  /** Before the server gets its first request. */
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

  /**
   * Before `close`: everything is answered as before, but each answer is the last of its connection. So whoever keeps
   * connections goes elsewhere with the next request, and none is lost with a connection that ends.
   */
  leave(): void {
    this.leaving = true;
    for (const response of this.open.keys()) sayLast(response);
  }

  /**
   * Takes no new connection but those that are there already. Requests are answered, also those that come on open
   * connections; then their connections end. Resolves when all have ended, which is after `within` at most, and a moment.
   * Safe to call again.
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

  /** To Node a connection on which nothing ever came is not idle. */
  private closeSilent(): void {
    for (const socket of this.connections.values()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** What has not arrived whole by now may never do so. */
  private letGoOfParts(refuse: (response: ServerResponse) => void): void {
    const asking = new Set<string>();
    for (const [response, request] of this.open) {
      asking.add(placeOf(request.socket));
      if (!request.complete && !response.headersSent) refuse(response);
    }
    for (const [place, socket] of this.connections) if (!asking.has(place)) socket.destroy();
  }

  /**
   * Whoever has connected and is not accepted yet would be reset. Each turn of the event loop accepts one, and others may
   * come all the time, so it ends with the last who may have been there.
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

/** The connection ends with this answer, and the answer says so. */
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
