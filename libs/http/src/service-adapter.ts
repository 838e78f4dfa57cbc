import type { IncomingHttpHeaders } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HttpMetrics, Measure } from '@waybill/observability';
import { endRequest, type Trace, Tracing } from '@waybill/observability';
import { requestLimits } from '@waybill/resilience/http-server';
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteOptions,
} from 'fastify';
import { stopping } from './answer-problem.ts';
import { BodyRoom } from './body-room.ts';
import { checkHead } from './check-head.ts';
import { checkUrl } from './check-url.ts';
import { compressAnswer } from './compress-answer.ts';
import { parseJson } from './json-body.ts';
import { answerMalformed } from './malformed-request.ts';
import { mediaTypeOf, ownTypesOf, unsupportedMediaType } from './media-type.ts';
import type { ProblemFilter } from './problem.filter.ts';
import { Problem } from './problem.ts';
import { RequestsInHand } from './requests-in-hand.ts';
import { defaultBodyLimit, RouteTable } from './route-table.ts';
import { securityHeaders } from './security-headers.ts';
import { streamedBody } from './streamed-body.ts';

/** The TLS identity of a process: a certificate chain and its key, PEM. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const limits = requestLimits();
const largeBodies = 64 * 1_024 * 1_024;

declare module 'fastify' {
  interface FastifyRequest {
    /** The raw bytes of the body, for signatures. */
    rawBody: Buffer | undefined;
  }
  interface FastifyContextConfig {
    /** The route's body limit in bytes; default 64 KiB. */
    bodyLimit?: number;
    /** The media types of the route, if its body is no JSON but a `Buffer`; the content is not checked. */
    binary?: readonly string[];
    /** The media type of the route, if its body is no JSON but a `StreamedBody`. */
    streams?: string;
  }
}

/** Nest on Fastify with Waybill's HTTP edge: strict bodies and URLs, traces, problems, none of the framework's defaults. */
export class ServiceAdapter extends FastifyAdapter {
  readonly routes = new RouteTable();
  readonly requests = new RequestsInHand();
  private readonly doors = new Map<string, () => Error | undefined>();
  private readonly room = new BodyRoom(largeBodies);
  private closing = false;

  private problems: ProblemFilter | null = null;
  private metrics: HttpMetrics | null = null;
  private tracing = Tracing.off;

  /** `certificate` is used to serve TLS; default: no TLS. */
  constructor(certificate: Certificate | null = null) {
    // Node would answer a request without `Host` itself, without a problem body.
    const http = { ...limits, requireHostHeader: false };
    super({
      bodyLimit: defaultBodyLimit,
      trustProxy: false,
      skipMiddie: true,
      ...(certificate
        ? { https: { ...http, ...certificate, handshakeTimeout: limits.headersTimeout } }
        : { http }),
      requestTimeout: limits.requestTimeout,
      multipart: false,
      routerOptions: { maxParamLength: 200 },
      clientErrorHandler: answerMalformed,
      frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
        this.begin(request, reply);
        this.answer(error, request, reply);
      },
    });
    this.prepare(this.getInstance<FastifyInstance>());
  }

  /** Sets what comes with the application, which is created after the adapter. */
  equip(problems: ProblemFilter, metrics: HttpMetrics, tracing: Tracing): void {
    this.problems = problems;
    this.metrics = metrics;
    this.tracing = tracing;
  }

  /**
   * Calls `refusal` before a request of the route is authenticated, read or validated, and answers with its error. The route must
   * not exist yet: call it in a constructor.
   */
  checkFirst(method: string, path: string, refusal: () => Error | undefined): void {
    this.doors.set(`${method} ${path}`, refusal);
  }

  /** From now on requests get 503 and their connection is closed. */
  refuseRequests(): void {
    this.closing = true;
  }

  /** Nest would turn Fastify's errors into its own and lose their codes. */
  override mapException(error: unknown): unknown {
    return error;
  }

  /** Keeps the parsers of this class as the only ones. */
  override registerParserMiddleware(): void {}

  override setNotFoundHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>().setNotFoundHandler((request, reply) =>
      this.answer(this.notFound(request), request, reply),
    );
  }

  private prepare(instance: FastifyInstance): void {
    instance.decorateRequest('caller', null);
    instance.decorateRequest('trace', null as unknown as Trace);
    instance.decorateRequest('rawBody', undefined);
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser<Buffer>(
      'application/json',
      { parseAs: 'buffer' },
      (request, body, done) => {
        request.rawBody = body;
        // `MediaTypeGuard` refuses it.
        if (ownTypesOf(request.routeOptions.config)) return done(null, undefined);
        try {
          done(null, parseJson(body));
        } catch (error) {
          done(error as Error);
        }
      },
    );
    instance.addContentTypeParser<Buffer>(
      /^(image\/|application\/octet-stream)/,
      { parseAs: 'buffer' },
      (request, body, done) => {
        if (request.routeOptions.config.binary) done(null, body);
        else done(unsupportedMediaType(['application/json']));
      },
    );
    // An unsupported `Expect` header is ignored, and the request is served.
    instance.server.on('checkExpectation', (request, response) =>
      instance.routing(request, response),
    );
    instance.addHook('onSend', compressAnswer);
    instance.addHook('onRoute', (route) => this.addRoute(route));
    instance.addHook('onRequest', (request, reply, done) => {
      this.requests.began();
      // If the caller has disconnected, the response emits `close` but never `finish`.
      reply.raw.once('close', () => this.requests.ended());
      this.begin(request, reply);
      done(this.refusal(request, reply));
    });
  }

  /** Measured in a hook of the route itself, because looking up a request's route costs more than measuring. */
  private addRoute(route: RouteOptions): void {
    const { bodyLimit: limit, streams } = route.config ?? {};
    for (const method of [route.method].flat()) this.routes.add(method, route.url, limit);
    if (limit !== undefined) route.bodyLimit = limit;
    if (streams !== undefined) this.parseAsStream(streams);
    const refusal = this.doors.get(`${route.method} ${route.url}`);
    if (refusal) {
      route.onRequest = [
        ...[route.onRequest ?? []].flat(),
        (request, reply, done) => {
          const error = refusal();
          // Answered directly: `done(error)` would run the route's filters, which cost more than everything else.
          if (error) this.answer(error, request, reply);
          else done();
        },
      ];
    }
    const types = ownTypesOf(route.config);
    if (types) route.onRequest = [...[route.onRequest ?? []].flat(), this.checkTypes(types, limit)];
    let measure: Measure | undefined;
    route.onResponse = [
      ...[route.onResponse ?? []].flat(),
      (request, reply, done) => {
        measure ??= this.metrics?.of(route.url);
        measure?.(request.method, reply.statusCode, reply.elapsedTime);
        done();
      },
    ];
  }

  private parseAsStream(mediaType: string): void {
    const instance = this.getInstance<FastifyInstance>();
    if (instance.hasContentTypeParser(mediaType)) return;
    instance.addContentTypeParser(mediaType, ({ routeOptions: { config } }, payload, done) => {
      if (config.streams !== mediaType) done(unsupportedMediaType(['application/json']));
      else done(null, streamedBody(payload, config.bodyLimit ?? defaultBodyLimit));
    });
  }

  /**
   * Before a large body is read: its media type, and whether there is memory for it, unless it is a stream. JSON of the usual size is
   * left to the `MediaTypeGuard`, so that strangers get 401 as everywhere.
   */
  private checkTypes(types: readonly string[], limit = defaultBodyLimit): onRequestHookHandler {
    return ({ headers, raw, routeOptions }, reply, done) => {
      if (!types.includes(mediaTypeOf(headers)))
        done(isUsual(headers) ? undefined : unsupportedMediaType(types));
      else if (routeOptions.config.streams) done();
      else done(this.room.enter(raw, reply.raw, limit));
    };
  }

  private begin(request: FastifyRequest, reply: FastifyReply): void {
    if (request.trace) return;
    const { trace, span } = this.tracing.request(request.headers['traceparent'], () =>
      nameOf(request),
    );
    request.trace = trace;
    request.raw.trace = trace;
    if (span) reply.raw.once('close', () => endRequest(span, reply.raw.statusCode));
    void reply.headers(securityHeaders).header('x-request-id', trace.correlationId);
  }

  private answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (!this.problems) throw new TypeError('the application lacks EdgeModule');
    this.problems.answer(error, request, reply);
  }

  private refusal(request: FastifyRequest, reply: FastifyReply): Error | undefined {
    if (this.closing) {
      void reply.header('connection', 'close');
      return stopping();
    }
    try {
      checkHead(request.raw);
      checkUrl(request.raw.url ?? '');
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  private notFound(request: FastifyRequest): Problem {
    const path = (request.raw.url ?? '').split('?', 1)[0] ?? '';
    const allowed = this.routes.methodsAt(path);
    if (allowed.length === 0) return new Problem(404, 'not_found', 'there is nothing at this path');
    return new Problem(
      405,
      'method_not_allowed',
      `${request.method} is not possible here, only ${allowed.join(', ')}`,
      { headers: { allow: allowed.join(', ') } },
    );
  }
}

/** JSON, or no body. */
const isUsual = (headers: IncomingHttpHeaders): boolean =>
  ['', 'application/json'].includes(mediaTypeOf(headers)) &&
  headers['transfer-encoding'] === undefined &&
  Number(headers['content-length'] ?? 0) <= defaultBodyLimit;

/** By its route, because callers choose paths. */
const nameOf = ({ method, routeOptions }: FastifyRequest): string =>
  `${method} ${routeOptions?.url ?? 'unknown'}`;
