import { isIPv6 } from 'node:net';
import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  type ServerOptions,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { ServerGrpc } from '@nestjs/microservices';
import { isSampled, type Span, type Tracer } from '@waybill/messaging';
import { protoPath as healthProto } from 'grpc-health-check';
import {
  catchError,
  defer,
  finalize,
  from,
  isObservable,
  mergeMap,
  type Observable,
  of,
  tap,
  throwError,
} from 'rxjs';
import { definitionOf, writtenDefinitionOf } from '../definitions.ts';
import { asDefinition, describedFiles } from '../descriptors.ts';
import { type GrpcApi, nameOfApi } from '../grpc-api.ts';
import { Refusal } from '../refusal.ts';
import { statusCodes } from '../status.ts';
import { detailsTrailer, writeDetails } from '../status-details.ts';
import { CallGate, type GateOptions, internalText } from './call-gate.ts';
import { GrpcHealth } from './grpc-health.ts';

/** The APIs that a process serves by gRPC, its address, and its limits. */
export interface GrpcServerOptions extends GateOptions {
  /** Its name in refusals, such as `inventory`. */
  readonly name: string;
  readonly apis: readonly GrpcApi[];
  /** Port 0 takes any free port. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The certificate to serve TLS with, PEM; default: no TLS. */
  readonly certificate?: { readonly cert: Buffer; readonly key: Buffer } | null;
  /** True once calls can be served; before that they get UNAVAILABLE. Called for each call, so it must be cheap. */
  readonly started: () => boolean;
  /** The result of health checks; may query a database. A rejection counts as false. */
  readonly ready: () => Promise<boolean>;
  /** Lets `grpcurl` and others list methods; for development only. Default false. */
  readonly reflection?: boolean;
  /** The largest request, in bytes; default 64 KiB. */
  readonly largestRequest?: number;
  /** Maps an error to a refusal, or to null if it is a server error; default: only a `Refusal` is a refusal. */
  readonly refusalOf?: (error: unknown) => Refusal | null;
  /** Records calls whose trace is recorded. Default: nothing is recorded. */
  readonly tracer?: Tracer | undefined;
  /** Called with each server error; its details are not sent to the caller. */
  readonly onError?: (error: unknown, call: FailedCall) => void;
}

/** A call that ended with a server error. */
export interface FailedCall {
  readonly method: string;
  /** The trace that its caller sent, if any (W3C Trace Context). */
  readonly traceparent: string | undefined;
}

type Handler = ((...args: unknown[]) => unknown) & { readonly name: string };

// grpc-js would log what callers send to the console. Relevant failures are reported as errors.
setLogVerbosity(logVerbosity.NONE);

const largestAnswer = 4 * 1024 * 1024;

/**
 * Nest's gRPC transport with the parts that a deployed service needs: a gate before every call, health, reflection,
 * errors with details, a known port, and a bounded shutdown. It binds after its methods are registered, because Nest's
 * transport would answer UNIMPLEMENTED in between.
 */
export class GrpcTransport extends ServerGrpc {
  private readonly gate: CallGate;
  private readonly health: GrpcHealth;
  private closing: Promise<void> | null = null;
  private boundPort: number | null = null;

  constructor(private readonly served: GrpcServerOptions) {
    const packages = [...new Set(served.apis.map((api) => api.package))];
    super({ package: packages, packageDefinition: definitionOf(served.apis) });
    this.gate = new CallGate(served);
    this.health = new GrpcHealth({
      services: served.apis.map(nameOfApi),
      ready: served.ready,
    });
  }

  /** The address it listens on, such as `127.0.0.1:9082`; null before it listens. */
  get address(): string | null {
    if (this.boundPort === null) return null;
    const { host } = this.served.listen;
    return `${isIPv6(host) ? `[${host}]` : host}:${this.boundPort}`;
  }

  override async createClient(): Promise<Server> {
    const server = new Server(this.serverOptions());
    this.health.addTo(server);
    if (this.served.reflection) {
      new ReflectionService(reflected(this.served.apis)).addToServer(server);
    }
    return server;
  }

  override async start(callback?: () => void): Promise<void> {
    await this.bindEvents();
    this.boundPort = await this.bind(this.grpcClient as Server);
    callback?.();
  }

  override createUnaryServiceMethod(handler: Handler) {
    return super.createUnaryServiceMethod(this.guarded(handler));
  }

  override createStreamServiceMethod(handler: Handler) {
    return super.createStreamServiceMethod(this.guarded(handler));
  }

  override close(): Promise<void> {
    return this.stop(0);
  }

  /**
   * Refuses new calls and ends streams at once; calls in progress have `within` milliseconds to end before
   * their connections are cut. Idempotent.
   */
  stop(within: number): Promise<void> {
    this.closing ??= this.end(within);
    return this.closing;
  }

  private async end(within: number): Promise<void> {
    const why = `${this.served.name} is stopping`;
    const server = this.grpcClient as Server | null;
    this.gate.close(why);
    this.health.stop();
    this.gate.endStreams(why);
    if (!server) return;
    const gone = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    const late = afterwards(within);
    await Promise.race([gone, late.passed]);
    late.cancel();
    server.forceShutdown();
    this.grpcClient = null;
  }

  private bind(server: Server): Promise<number> {
    const { host, port } = this.served.listen;
    const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) =>
      server.bindAsync(address, credentialsBy(this.served.certificate), (error, bound) =>
        error
          ? reject(
              new Error(`${this.served.name} cannot serve gRPC at ${address}: ${error.message}`),
            )
          : resolve(bound),
      ),
    );
  }

  private serverOptions(): ServerOptions {
    return {
      interceptors: [this.gate.interceptor],
      'grpc.max_receive_message_length': this.served.largestRequest ?? 64 * 1024,
      'grpc.max_send_message_length': largestAnswer,
      'grpc.max_metadata_size': 16 * 1024,
      // More than the gate admits, because the gate refuses at once, while a full connection would make callers wait.
      'grpc.max_concurrent_streams': 2 * (this.served.mostCalls ?? 1_000) + 10,
      'grpc-node.max_session_memory': 16,
      // Detects a caller that disappeared silently, so that its streams end.
      'grpc.keepalive_time_ms': 20_000,
      'grpc.keepalive_timeout_ms': 5_000,
    };
  }

  /** Never throws and never rejects, because either would end the process inside Nest's transport. */
  private guarded(handler: Handler): Handler {
    const served = (...args: unknown[]): Observable<unknown> => {
      const span = this.spanOf(handler.name, args);
      return defer(() => from(this.answer(handler, args))).pipe(
        mergeMap((answer) => (isObservable(answer) ? answer : of(answer))),
        tap({ error: (error: unknown) => span?.end({ error }) }),
        finalize(() => span?.end()),
        catchError((error: unknown) => throwError(() => this.statusOf(error, handler.name, args))),
      );
    };
    // Nest derives the method's name from the function's name.
    return Object.defineProperty(served, 'name', { value: handler.name, configurable: true });
  }

  private spanOf(method: string, args: readonly unknown[]): Span | null | undefined {
    const parent = traceparentOf(args);
    if (!isSampled(parent)) return null;
    return this.served.tracer?.begin(`grpc ${method}`, { kind: 'server', parent });
  }

  private async answer(handler: Handler, args: unknown[]): Promise<unknown> {
    const { name, started } = this.served;
    if (!started()) throw new Refusal('UNAVAILABLE', `${name} is starting; try again`);
    return handler(...args);
  }

  private statusOf(error: unknown, method: string, args: readonly unknown[]) {
    const refusal = this.refusalOf(error);
    if (refusal.status === 'INTERNAL') {
      this.served.onError?.(error, { method, traceparent: traceparentOf(args) });
    }
    const metadata = new Metadata();
    const details = writeDetails(refusal);
    if (details) metadata.set(detailsTrailer, details);
    return { code: statusCodes[refusal.status], details: refusal.message, metadata };
  }

  private refusalOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    return (
      this.served.refusalOf?.(error) ?? new Refusal('INTERNAL', internalText, { cause: error })
    );
  }
}

const credentialsBy = (certificate: GrpcServerOptions['certificate']): ServerCredentials =>
  certificate
    ? ServerCredentials.createSsl(null, [
        { cert_chain: certificate.cert, private_key: certificate.key },
      ])
    : ServerCredentials.createInsecure();

/** Includes the types of refusal details, so that `grpcurl` can show them. */
const reflected = (apis: readonly GrpcApi[]) =>
  asDefinition(
    describedFiles(
      writtenDefinitionOf(apis, [
        healthProto,
        'google/rpc/status.proto',
        'google/rpc/error_details.proto',
      ]),
    ),
  );

/** As the caller sent it in the metadata of its call. */
const traceparentOf = ([, metadata]: readonly unknown[]): string | undefined =>
  (metadata as Metadata).get('traceparent')[0]?.toString();

function afterwards(milliseconds: number): { passed: Promise<void>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return { passed, cancel: () => clearTimeout(timer) };
}
