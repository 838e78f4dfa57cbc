import { createSecureContext } from 'node:tls';
import { type Client, credentials, Metadata } from '@grpc/grpc-js';
import { ClientGrpcProxy } from '@nestjs/microservices';
import {
  catchError,
  defer,
  firstValueFrom,
  from,
  mergeMap,
  type Observable,
  throwError,
} from 'rxjs';
import { definitionOf } from '../definitions.ts';
import { type GrpcApi, nameOfApi } from '../grpc-api.ts';
import { failureOf } from './call-failed.ts';
import { isByTls, targetOf } from './target.ts';

export interface GrpcCallerOptions {
  readonly api: GrpcApi;
  /** Such as `grpc://inventory:9082`, with TLS `grpcs://`; several IPv4 addresses are separated by commas and used in turn. */
  readonly url: string;
  /** A currently valid token of the calling service. */
  readonly token: () => Promise<string>;
}

/** The deadline of a call and its trace. */
export interface CallOptions {
  /** Milliseconds; for a stream, until its end. */
  readonly deadline: number;
  readonly traceparent?: string | null | undefined;
}

type Method = (
  request: object,
  metadata: Metadata,
  options: { readonly deadline: number },
) => Observable<unknown>;

const largestAnswer = 4 * 1024 * 1024;

/** Calls the methods of one remote service over one connection per replica, opened at once and reopened when lost. */
export class GrpcCaller {
  private readonly client: ClientGrpcProxy;
  private readonly methods: Readonly<Record<string, Method>>;

  constructor(private readonly options: GrpcCallerOptions) {
    this.client = new ClientGrpcProxy({
      url: targetOf(options.url),
      package: options.api.package,
      packageDefinition: definitionOf([options.api]),
      // Node's CAs and those of NODE_EXTRA_CA_CERTS, which gRPC itself would replace by those of GRPC_DEFAULT_SSL_ROOTS_FILE_PATH.
      credentials: isByTls(options.url)
        ? credentials.createFromSecureContext(createSecureContext())
        : credentials.createInsecure(),
      maxReceiveMessageLength: largestAnswer,
      channelOptions: {
        'grpc.service_config': replicasInTurn(options.api),
        // By default a reconnect waits up to two minutes, although the service may be back.
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 200,
        'grpc.dns_min_time_between_resolutions_ms': 1_000,
        // Detects a connection that was cut silently.
        'grpc.keepalive_time_ms': 20_000,
        'grpc.keepalive_timeout_ms': 3_000,
      },
    });
    // Connects now, so that connecting does not consume the first call's deadline.
    const { service } = options.api;
    this.client.getClientByServiceName<Client>(service).getChannel().getConnectivityState(true);
    this.methods = this.client.getService<Record<string, Method>>(options.api.service);
  }

  /** The reply of a unary method. Rejects with `RequestTimedOut`, `Unavailable` or `CallFailed`. */
  call<R>(method: string, request: object, options: CallOptions): Promise<R> {
    return firstValueFrom(this.stream<R>(method, request, options));
  }

  /** The replies of a streaming method; unsubscribing cancels the call. Fails like `call`. */
  stream<R>(method: string, request: object, options: CallOptions): Observable<R> {
    const { api, token } = this.options;
    const name = `${api.service}.${method}`;
    return defer(() => {
      const call = this.methods[method];
      if (!call) throw new TypeError(`there is no method ${name}`);
      // The deadline includes the time to make the token.
      const until = { deadline: Date.now() + options.deadline };
      return from(token()).pipe(
        mergeMap((shown) => call(request, metadataOf(shown, options), until) as Observable<R>),
      );
    }).pipe(
      catchError((error: unknown) => throwError(() => failureOf(error, name, options.deadline))),
    );
  }

  /** Closes the connection; calls in progress fail. */
  close(): void {
    this.client.close();
  }
}

/** Uses the replicas in turn. If one is gone, the next is called: every method only reads, so a second call is safe. */
const replicasInTurn = (api: GrpcApi): string =>
  JSON.stringify({
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [
      {
        name: [{ service: nameOfApi(api) }],
        retryPolicy: {
          maxAttempts: 3,
          initialBackoff: '0.02s',
          maxBackoff: '0.1s',
          backoffMultiplier: 2,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      },
    ],
  });

function metadataOf(token: string, { traceparent }: CallOptions): Metadata {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  if (traceparent) metadata.set('traceparent', traceparent);
  return metadata;
}
