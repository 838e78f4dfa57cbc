import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  answerMalformed,
  answerProblem,
  type Certificate,
  checkHead,
  Problem,
  type RouteTable,
  type ServerErrors,
  stopping,
} from '@waybill/http';
import type { Slo } from '@waybill/observability';
import { OpenAnswers, requestLimits } from '@waybill/resilience/http-server';
import type { FastifyInstance } from 'fastify';
import { type CallerAddress, peerAddress } from './caller-address.ts';
import type { InactiveCustomers } from './inactive/inactive-customers.ts';
import { againWithoutUpgrade } from './plain-again.ts';
import { RateLimit, tooMany } from './rate-limit.ts';
import { RouteOwners } from './route-owner.ts';
import type { SharedCounts } from './shared-counts.ts';
import type { Upstream } from './upstreams/upstream.ts';
import { setVisitorHeaders } from './visitor-headers.ts';
import { answerUpgrade } from './ws/answer-upgrade.ts';
import type { SocketDoor } from './ws/socket-door.ts';

/** Serves the requests of the paths in its table. */
interface Edge {
  readonly routes: Pick<RouteTable, 'all' | 'serves'>;
  dispatch(request: IncomingMessage, response: ServerResponse): void;
}

export interface GatewayOptions {
  /** The gateway's own application, initialised and ready. */
  readonly own: { readonly fastify: FastifyInstance; readonly routes: RouteTable };
  readonly upstreams: readonly Upstream[];
  readonly rateLimit: number;
  /** Whose request it is, for everything that counts by address; default: the peer's of the connection. */
  readonly callerAddress?: CallerAddress;
  /** The certificate to serve TLS with; default: no TLS, as behind a proxy on the same machine that terminates it. */
  readonly certificate?: Certificate | null;
  /** Counts that several gateways share; default: each gateway counts alone. */
  readonly counts?: SharedCounts | null;
  /** Refuses customers who are inactive; default: nobody is. */
  readonly inactive?: Pick<InactiveCustomers, 'refusalOf' | 'watch'> | null;
  /** Counts which orders were answered; default: nobody counts. */
  readonly accepts?: Pick<Slo, 'add'> | null;
  /** Takes requests for WebSockets; default: there are none. */
  readonly sockets?: Pick<SocketDoor, 'open'> | null;
  /** Logs what is answered here with 5xx; default: nobody does. */
  readonly errors?: Pick<ServerErrors, 'tell'>;
  /** Milliseconds that a response may take once the gateway stops. */
  readonly longestAnswer: number;
}

/** The public entry point of the system: counts requests, strips identity headers, and forwards each request to its owner. */
export class Gateway {
  private readonly server: Server;
  private readonly answers: OpenAnswers;
  private readonly own: Edge;
  private readonly upstreams: readonly Upstream[];
  private owners: RouteOwners<Edge>;
  private readonly limit: RateLimit;
  private readonly callerAddress: CallerAddress;
  private readonly inactive: GatewayOptions['inactive'];
  private readonly sockets: GatewayOptions['sockets'];
  private readonly accepts: GatewayOptions['accepts'];
  private readonly errors: GatewayOptions['errors'];
  private readonly longestAnswer: number;
  private readonly scheme: 'http' | 'https';

  constructor(options: GatewayOptions) {
    const { fastify, routes } = options.own;
    this.own = {
      routes,
      dispatch: (request, response) => fastify.routing(request, response),
    };
    this.upstreams = options.upstreams;
    this.owners = this.findOwners();
    for (const upstream of this.upstreams) {
      upstream.onRoutes(() => {
        this.owners = this.findOwners();
      });
    }
    this.inactive = options.inactive;
    this.sockets = options.sockets;
    this.accepts = options.accepts;
    this.errors = options.errors;
    this.longestAnswer = options.longestAnswer;
    this.limit = new RateLimit(options.rateLimit, options.counts);
    this.callerAddress = options.callerAddress ?? peerAddress;
    this.scheme = options.certificate ? 'https' : 'http';
    this.server = serverOf(options.certificate, (request, response) =>
      this.serve(request, response),
    )
      .on('clientError', answerMalformed)
      .on('upgrade', (...asked) => this.upgrade(...asked))
      // An unsupported `Expect` header is ignored, and the request is served.
      .on('checkExpectation', (...asked) => this.server.emit('request', ...asked));
    // Beyond a thousand, Node would drop headers, and a proxy may add the address of the caller at the end. `checkHead` bounds them.
    this.server.maxHeadersCount = 0;
    this.answers = new OpenAnswers(this.server);
    this.inactive?.watch(this.answers);
  }

  /** Resolves with the URL; rejects with `EADDRINUSE` when the port is taken. */
  listen(host: string, port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        const { port: taken } = this.server.address() as AddressInfo;
        resolve(`${this.scheme}://${host === '0.0.0.0' ? 'localhost' : host}:${taken}`);
      });
    });
  }

  /** Call it before `close`: each response closes its connection, so that clients move elsewhere with the next request. */
  leave(): void {
    this.answers.leave();
  }

  /** Accepts no new connections. Open ones end after their response, which is 503 if it takes too long. */
  close(): Promise<void> {
    for (const upstream of this.upstreams) upstream.drain();
    const refuse = (response: ServerResponse): void =>
      answerProblem(response, stopping(), this.errors);
    return this.answers.close({ within: this.longestAnswer, refuse });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    request.url = originForm(request.url ?? '/');
    const address = this.callerAddress(request);
    setVisitorHeaders(request, address);
    if (this.accepts && isOrder(request)) countAnswer(response, this.accepts);
    void this.limit.enter(address, response, () =>
      this.answering(response, () => {
        checkHead(request);
        const refusal = this.inactive?.refusalOf(request);
        if (!refusal) return this.handOver(request, response);
        void refusal.then((problem) =>
          problem
            ? answerProblem(response, problem, this.errors)
            : this.answering(response, () => this.handOver(request, response)),
        );
      }),
    );
  }

  /** Other upgrades than to our WebSocket are ignored, as HTTP allows: the request is served as if it had not named one. */
  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = originForm(request.url ?? '/');
    const isOurs =
      /^\/ws(\?|$)/.test(url) && request.headers.upgrade?.toLowerCase() === 'websocket';
    if (this.sockets && isOurs) void this.openSocket(this.sockets, request, socket, head);
    else againWithoutUpgrade(this.server, request, socket, head);
  }

  private async openSocket(
    sockets: Pick<SocketDoor, 'open'>,
    ...[request, socket, head]: Parameters<SocketDoor['open']>
  ): Promise<void> {
    if (await this.limit.within(this.callerAddress(request)))
      await sockets.open(request, socket, head);
    else answerUpgrade(request, socket, tooMany);
  }

  /** Throws a problem while it is unknown which service serves the path. */
  private handOver(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const owner = this.owners.ownerOf(path);
    const silent = owner === this.own && this.mayBelongTo(path);
    if (silent) throw notYetKnown(silent.name);
    owner.dispatch(request, response);
  }

  /** Answers with the problem that `serve` throws. */
  private answering(response: ServerResponse, serve: () => void): void {
    try {
      serve();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      answerProblem(response, error, this.errors);
    }
  }

  private findOwners(): RouteOwners<Edge> {
    const known = this.upstreams.flatMap((upstream): Edge[] => {
      const { routes } = upstream;
      if (!routes) return [];
      return [{ routes, dispatch: (request, response) => upstream.dispatch(request, response) }];
    });
    return new RouteOwners<Edge>([this.own, ...known]);
  }

  /** A path without a known owner may belong to a service that has not reported its routes yet. */
  private mayBelongTo(path: string): Upstream | undefined {
    const silent = this.upstreams.find(({ routes }) => routes === null);
    return silent && !this.own.routes.serves(path) ? silent : undefined;
  }
}

const isOrder = ({ method, url }: IncomingMessage): boolean =>
  method === 'POST' && url === '/api/v1/orders';

/** A response that a client has not waited for is nobody's fault. */
function countAnswer(response: ServerResponse, accepts: Pick<Slo, 'add'>): void {
  response.once('finish', () => accepts.add(response.statusCode < 500));
}

/** Converts a target in absolute form, which every server must accept, such as `http://shop.example/health`, to `/health`. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const limits = requestLimits();
const serverOptions = {
  ...limits,
  // Longer than a proxy in front keeps an idle connection, usually a minute, because the sending side must close it first.
  keepAliveTimeout: 75_000,
  noDelay: true,
  // Node would answer a request without `Host` itself, without a problem body.
  requireHostHeader: false,
};

const serverOf = (
  certificate: Certificate | null | undefined,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server =>
  certificate
    ? createTlsServer(
        { ...serverOptions, ...certificate, handshakeTimeout: limits.headersTimeout },
        serve,
      )
    : createServer(serverOptions, serve);

const notYetKnown = (service: string): Problem =>
  new Problem(503, 'unavailable', `the ${service} service has not answered yet; try again`, {
    headers: { 'retry-after': '2' },
  });
