import {
  type FactoryProvider,
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type CallFor, GrpcRequests, type RequestByGrpc, targetOf } from '@waybill/grpc';
import type { GrpcCaller } from '@waybill/grpc/client';
import type { GrpcTransport } from '@waybill/grpc/server';
import { Draining, ServiceTokens } from '@waybill/http';
import {
  Messaging,
  type Requests,
  TracedRequests,
  type Tracer,
  Unavailable,
} from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { Health, LOGGER, Metrics, Tracing, traceFields, traceFrom } from '@waybill/observability';
import { byGrpc } from '../config/grpc.config.ts';
import { HOST, type Host } from '../host.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { ServiceSettings } from '../service-settings.ts';
import { grpcMetrics } from './grpc-metrics.ts';
import { refusalOf } from './refusal-of.ts';

/** Injects the gRPC transport of the service; null if it serves no gRPC, or runs in another service's process. */
export const GRPC_TRANSPORT = Symbol('waybill:grpc-transport');

export const grpcTransportProvider: FactoryProvider<Promise<GrpcTransport | null>> = {
  provide: GRPC_TRANSPORT,
  inject: [
    SERVICE_OPTIONS,
    HOST,
    ServiceSettings,
    LOGGER,
    Metrics,
    Health,
    ServiceTokens,
    Messaging,
    Tracing,
  ],
  useFactory: async (
    options: ServiceOptions,
    host: Host,
    settings: ServiceSettings,
    log: Log,
    metrics: Metrics,
    health: Health,
    serviceTokens: ServiceTokens,
    messaging: Messaging,
    { tracer }: Tracing,
  ) => {
    const listen = listenOf(options, host, settings);
    if (!options.grpc || !listen) return null;
    // Loaded on demand, because a process without gRPC should not spend memory on its libraries.
    const { GrpcTransport } = await import('@waybill/grpc/server');
    return new GrpcTransport({
      name: options.name,
      apis: [options.grpc.api],
      listen,
      certificate: settings.certificate,
      tracer,
      started: () => messaging.isWorking,
      ready: async () => (await health.obstacles()).length === 0,
      verify: (token) => serviceTokens.verify(token),
      reflection: !settings.host.deployed,
      refusalOf: (error) => refusalOf(error, options.problems),
      onError: (error, { method, traceparent }) =>
        log.error({ error, method, ...traceFields(traceFrom(traceparent)) }, 'gRPC call failed'),
      onEnd: grpcMetrics(metrics),
    });
  },
};

/** Milliseconds that a call may take once the service stops. */
const longestAnswer = 2_000;

/** The gRPC entry point of a service. It starts to close together with the HTTP entry point, which starts the draining. */
@Injectable()
export class GrpcDoor implements OnModuleDestroy {
  constructor(
    @Inject(GRPC_TRANSPORT) private readonly transport: GrpcTransport | null,
    draining: Draining,
  ) {
    draining.onBegin(() => void transport?.stop(longestAnswer));
  }

  /** The address it listens on, such as `127.0.0.1:9082`, or null. */
  get address(): string | null {
    return this.transport?.address ?? null;
  }

  async onModuleDestroy(): Promise<void> {
    await this.transport?.stop(longestAnswer);
  }
}

/** The requests of a service to others: by gRPC if the settings give an address, else over the broker. */
@Injectable()
export class OutgoingRequests implements OnApplicationShutdown {
  readonly requests: Requests;
  private readonly calls: readonly CallFor[];

  constructor(
    options: ServiceOptions,
    { grpc }: ServiceSettings,
    serviceTokens: ServiceTokens,
    broker: Requests,
    tracer?: Tracer,
  ) {
    this.calls = byGrpc(options).flatMap((request) => {
      const url = grpc.addresses[request.address];
      return url ? [callFor(request, url, serviceTokens)] : [];
    });
    const requests = this.calls.length > 0 ? new GrpcRequests(this.calls, broker) : broker;
    this.requests = tracer ? new TracedRequests(requests, tracer) : requests;
  }

  onApplicationShutdown(): void {
    for (const call of this.calls) call.close();
  }
}

/**
 * Loads gRPC and connects at the first call, because many services never make one; for a confidential request at once, because nearly
 * everything else waits for its answer. An invalid URL throws at once.
 */
function callFor(
  { type, api, method, confidential = false }: RequestByGrpc,
  url: string,
  serviceTokens: ServiceTokens,
): CallFor {
  targetOf(url);
  let closed = false;
  let opened: Promise<GrpcCaller> | undefined;
  const open = async (): Promise<GrpcCaller> => {
    const { GrpcCaller } = await import('@waybill/grpc/client');
    if (closed) throw new Unavailable('the service is stopping');
    return new GrpcCaller({ api, url, token: () => serviceTokens.issue() });
  };
  const caller = (): Promise<GrpcCaller> => {
    opened ??= open();
    return opened;
  };
  const ignore = (): void => undefined;
  if (confidential) caller().catch(ignore);
  return {
    type,
    call: async (data, options) => (await caller()).call(method, data, options),
    close: () => {
      closed = true;
      opened?.then((each) => each.close(), ignore);
    },
  };
}

/** Without `GRPC_PORT`, only a process that listens on its own ports serves gRPC. */
function listenOf(
  options: ServiceOptions,
  { listen }: Host,
  { grpc, host }: ServiceSettings,
): { host: string; port: number } | null {
  if (listen === null) return null;
  const port = grpc.port ?? (listen ? undefined : options.grpc?.port);
  return port === undefined ? null : { host: listen?.host ?? host.host, port };
}
