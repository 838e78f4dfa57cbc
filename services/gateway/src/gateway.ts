import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  answerMalformed,
  answerProblem,
  type Certificate,
  checkHead,
  identityHeaders,
  Problem,
  type RouteTable,
  stopping,
} from '@waybill/http';
import { OpenAnswers, requestLimits } from '@waybill/resilience/http-server';
import type { FastifyInstance } from 'fastify';
import { RateLimit } from './rate-limit.ts';
import { RouteOwners } from './route-owner.ts';
import type { SharedCounts } from './shared-counts.ts';
import type { Upstream } from './upstreams/upstream.ts';

/** Something that serves requests of the paths in its table. */
interface Edge {
  readonly routes: Pick<RouteTable, 'all' | 'serves'>;
  dispatch(request: IncomingMessage, response: ServerResponse): void;
}

export interface GatewayOptions {
  /** The gateway's own application, initialised and ready. */
  readonly own: { readonly fastify: FastifyInstance; readonly routes: RouteTable };
  readonly upstreams: readonly Upstream[];
  readonly rateLimit: number;
  /** By which it serves; default: in the clear, as behind something that ends TLS on the same machine. */
  readonly certificate?: Certificate | null;
  /** Where several gateways count together; default: each counts alone. */
  readonly counts?: SharedCounts | null;
  /** Milliseconds that an answer may take once the gateway stops. */
  readonly longestAnswer: number;
}

/** The one origin of the system: counts requests, strips claimed identities, and hands each to its owner. */
export class Gateway {
  private readonly server: Server;
  private readonly answers: OpenAnswers;
  private readonly own: Edge;
  private readonly upstreams: readonly Upstream[];
  private owners: RouteOwners<Edge>;
  private readonly limit: RateLimit;
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
    this.longestAnswer = options.longestAnswer;
    this.limit = new RateLimit(options.rateLimit, options.counts);
    this.scheme = options.certificate ? 'https' : 'http';
    this.server = serverOf(options.certificate, (request, response) =>
      this.serve(request, response),
    )
      .on('clientError', answerMalformed)
      // Whoever expects what nobody offers is served all the same.
      .on('checkExpectation', (...asked) => this.server.emit('request', ...asked));
    this.answers = new OpenAnswers(this.server);
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

  /** Before `close`: each answer is the last of its connection, so that callers go elsewhere with the next request. */
  leave(): void {
    this.answers.leave();
  }

  /** Takes no new connection. Those in use end after their answer, which is 503 when it takes too long. */
  close(): Promise<void> {
    for (const upstream of this.upstreams) upstream.drain();
    const refuse = (response: ServerResponse): void => answerProblem(response, stopping());
    return this.answers.close({ within: this.longestAnswer, refuse });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    for (const name of identityHeaders) delete request.headers[name];
    request.url = originForm(request.url ?? '/');
    void this.limit.enter(request, response, () => {
      try {
        checkHead(request);
        this.handOver(request, response);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        answerProblem(response, error);
      }
    });
  }

  /** Throws a problem while nobody is known who might serve it. */
  private handOver(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const path = query < 0 ? url : url.slice(0, query);
    const owner = this.owners.ownerOf(path);
    const silent = owner === this.own && this.mayBelongTo(path);
    if (silent) throw notYetKnown(silent.name);
    owner.dispatch(request, response);
  }

  private findOwners(): RouteOwners<Edge> {
    const known = this.upstreams.flatMap((upstream): Edge[] => {
      const { routes } = upstream;
      if (!routes) return [];
      return [{ routes, dispatch: (request, response) => upstream.dispatch(request, response) }];
    });
    return new RouteOwners<Edge>([this.own, ...known]);
  }

  /** A path that nobody is known to serve may be one of a service that has not told its routes yet. */
  private mayBelongTo(path: string): Upstream | undefined {
    const silent = this.upstreams.find(({ routes }) => routes === null);
    return silent && !this.own.routes.serves(path) ? silent : undefined;
  }
}

/** The target as all but proxies write it; of `http://shop.example/health`, which every server must take, `/health`. */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const [, rest] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

const limits = requestLimits();
const serverOptions = {
  ...limits,
  // Longer than whoever is in front keeps an idle connection, usually for a minute: the one that sends must close first.
  keepAliveTimeout: 75_000,
  noDelay: true,
  // Node would answer a request without Host by itself, and say nothing.
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
