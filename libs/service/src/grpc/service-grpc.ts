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
import { Messaging, type Requests, Unavailable } from '@waybill/messaging';
import type { Log } from '@waybill/observability';
import { Health, LOGGER, Metrics, traceFields, traceFrom } from '@waybill/observability';
import { byGrpc } from '../config/grpc.config.ts';
import { HOST, type Host } from '../host.ts';
import { SERVICE_OPTIONS, type ServiceOptions } from '../service-options.ts';
import { ServiceSettings } from '../service-settings.ts';
import { grpcMetrics } from './grpc-metrics.ts';
import { refusalOf } from './refusal-of.ts';

/** Injects the gRPC transport of the service; null when it has none, or is no process of its own. */
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
  ) => {
    const listen = listenOf(options, host, settings);
    if (!options.grpc || !listen) return null;
    // Its libraries cost memory that a process without gRPC need not spend.
    const { GrpcTransport } = await import('@waybill/grpc/server');
    return new GrpcTransport({
      name: options.name,
      apis: [options.grpc.api],
      listen,
      certificate: settings.certificate,
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

/** What an answer may take once the service stops. */
const longestAnswer = 2_000;

/** The gRPC door of a service. It begins to close together with that for HTTP, which begins the draining. */
@Injectable()
export class GrpcDoor implements OnModuleDestroy {
  constructor(
    @Inject(GRPC_TRANSPORT) private readonly transport: GrpcTransport | null,
    draining: Draining,
  ) {
    draining.onBegin(() => void transport?.stop(longestAnswer));
  }

  /** Where it serves, such as `127.0.0.1:9082`, or null. */
  get address(): string | null {
    return this.transport?.address ?? null;
  }

  async onModuleDestroy(): Promise<void> {
    await this.transport?.stop(longestAnswer);
  }
}

/** The questions of a service: those that the settings say go by gRPC, all others over the broker. */
@Injectable()
export class AskedRequests implements OnApplicationShutdown {
  readonly requests: Requests;
  private readonly calls: readonly CallFor[];

  constructor(
    options: ServiceOptions,
    { grpc }: ServiceSettings,
    serviceTokens: ServiceTokens,
    broker: Requests,
  ) {
    this.calls = byGrpc(options).flatMap((request) => {
      const url = grpc.addresses[request.address];
      return url ? [callFor(request, url, serviceTokens)] : [];
    });
    this.requests = this.calls.length > 0 ? new GrpcRequests(this.calls, broker) : broker;
  }

  onApplicationShutdown(): void {
    for (const call of this.calls) call.close();
  }
}

/** Loads gRPC and connects with the first question, because many a service never asks; a wrong URL is told at once. */
function callFor(
  { type, api, method }: RequestByGrpc,
  url: string,
  serviceTokens: ServiceTokens,
): CallFor {
  targetOf(url);
  let closed = false;
  let caller: GrpcCaller | undefined;
  return {
    type,
    call: async (data, options) => {
      const { GrpcCaller } = await import('@waybill/grpc/client');
      if (closed) throw new Unavailable('the service is stopping');
      caller ??= new GrpcCaller({ api, url, token: () => serviceTokens.issue() });
      return caller.call(method, data, options);
    },
    close: () => {
      closed = true;
      caller?.close();
    },
  };
}

/** Unless `GRPC_PORT` says where, only a process that listens at its own ports does. */
function listenOf(
  options: ServiceOptions,
  { listen }: Host,
  { grpc, host }: ServiceSettings,
): { host: string; port: number } | null {
  if (listen === null) return null;
  const port = grpc.port ?? (listen ? undefined : options.grpc?.port);
  return port === undefined ? null : { host: listen?.host ?? host.host, port };
}
