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
  /** Such as `grpc://inventory:9082`, with TLS `grpcs://`; several IPv4 addresses have commas between and are asked in turn. */
  readonly url: string;
  /** A token of the calling service, valid now. */
  readonly token: () => Promise<string>;
}

/** How long the answer of a call is waited for, and whose trace it belongs to. */
export interface CallOptions {
  /** Milliseconds, for a stream until its end. */
  readonly deadline: number;
  readonly traceparent?: string | null | undefined;
}

type Method = (
  request: object,
  metadata: Metadata,
  options: { readonly deadline: number },
) => Observable<unknown>;

const largestAnswer = 4 * 1024 * 1024;

/** Calls the methods of one service elsewhere, over one connection to each replica, made at once, and again when it is lost. */
export class GrpcCaller {
  private readonly client: ClientGrpcProxy;
  private readonly methods: Readonly<Record<string, Method>>;

  constructor(private readonly options: GrpcCallerOptions) {
    this.client = new ClientGrpcProxy({
      url: targetOf(options.url),
      package: options.api.package,
      packageDefinition: definitionOf([options.api]),
      // Node's authorities, and those of NODE_EXTRA_CA_CERTS.
      credentials: isByTls(options.url) ? credentials.createSsl() : credentials.createInsecure(),
      maxReceiveMessageLength: largestAnswer,
      channelOptions: {
        'grpc.service_config': replicasInTurn(options.api),
        // The defaults wait up to two minutes for a service that is back already.
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 200,
        'grpc.dns_min_time_between_resolutions_ms': 1_000,
        // A connection that was cut without a word is noticed.
        'grpc.keepalive_time_ms': 20_000,
        'grpc.keepalive_timeout_ms': 3_000,
      },
    });
    // Connecting is not to cost the first call its deadline.
    const { service } = options.api;
    this.client.getClientByServiceName<Client>(service).getChannel().getConnectivityState(true);
    this.methods = this.client.getService<Record<string, Method>>(options.api.service);
  }

  /** The answer of a unary method. Rejects with `RequestTimedOut`, `Unavailable` or `CallFailed`. */
  call<R>(method: string, request: object, options: CallOptions): Promise<R> {
    return firstValueFrom(this.stream<R>(method, request, options));
  }

  /** The answers of a streaming method; giving up the subscription cancels the call. Fails as `call` does. */
  stream<R>(method: string, request: object, options: CallOptions): Observable<R> {
    const { api, token } = this.options;
    const name = `${api.service}.${method}`;
    return defer(() => {
      const call = this.methods[method];
      if (!call) throw new TypeError(`there is no method ${name}`);
      // What making the token takes counts too.
      const until = { deadline: Date.now() + options.deadline };
      return from(token()).pipe(
        mergeMap((shown) => call(request, metadataOf(shown, options), until) as Observable<R>),
      );
    }).pipe(
      catchError((error: unknown) => throwError(() => failureOf(error, name, options.deadline))),
    );
  }

  /** Closes the connection; calls in hand fail. */
  close(): void {
    this.client.close();
  }
}

/** Each replica in turn. Where one has gone the next is asked: every method reads, so asking twice is safe. */
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
