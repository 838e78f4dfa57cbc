import { FindProducts } from '@waybill/contracts';
import { type CallFor, GrpcRequests, targetOf } from '@waybill/grpc';
import type { GrpcTransport } from '@waybill/grpc/server';
import { type Brokers, type Requests, Unavailable } from '@waybill/messaging';
import type { ServiceTokens } from '../auth/service-tokens.ts';
import type { GrpcConfig } from '../config/grpc.config.ts';
import { InvalidConfig } from '../config/read-settings.ts';
import { traceFields, traceFrom } from '../http/trace.ts';
import type { Health } from '../observe/health.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { ServiceDefinition } from '../service-definition.ts';
import type { ServiceGround } from '../service-parts.ts';
import { grpcMetrics } from './grpc-metrics.ts';
import { refusalOf } from './refusal-of.ts';

/** What serving gRPC needs of the service around it. */
export interface GrpcSurroundings {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly serviceTokens: ServiceTokens;
  /** True once the service works. */
  readonly started: () => boolean;
}

/** The gRPC transport of a service; null when it has none, or is no process of its own. */
export async function grpcTransportOf(
  ground: ServiceGround,
  { metrics, health, serviceTokens, started }: GrpcSurroundings,
): Promise<GrpcTransport | null> {
  const { definition, hostSettings, log } = ground;
  const listen = listenOf(ground);
  if (!definition.grpc || !listen) return null;
  // Its libraries cost memory that a process without gRPC need not spend.
  const { GrpcTransport } = await import('@waybill/grpc/server');
  return new GrpcTransport({
    name: definition.name,
    apis: [definition.grpc.api],
    listen,
    certificate: ground.certificate,
    started,
    ready: async () => (await health.obstacles()).length === 0,
    verify: (token) => serviceTokens.verify(token),
    reflection: !hostSettings.deployed,
    refusalOf: (error) => refusalOf(error, definition.problems),
    onError: (error, { method, traceparent }) =>
      log.error({ error, method, ...traceFields(traceFrom(traceparent)) }, 'gRPC call failed'),
    onEnd: grpcMetrics(metrics),
  });
}

/** The requests of a service, of which some may go by gRPC. */
export interface AskedRequests {
  readonly requests: Requests;
  /** Closes the connections of those. */
  close(): void;
}

/** Throws `InvalidConfig` for a request of the service that neither a broker nor gRPC carries. */
export function refuseUnaskable(
  { name, asks = [] }: ServiceDefinition,
  brokers: Brokers,
  { inventoryUrl }: GrpcConfig,
): void {
  if (brokers.requests) return;
  const byGrpc = inventoryUrl ? [FindProducts.type] : [];
  const broker = brokers.brokerFor('command').name;
  const problems = asks
    .filter(({ type }) => !byGrpc.includes(type))
    .map(({ type }) =>
      type === FindProducts.type
        ? `INVENTORY_GRPC_URL is missing: ${broker} carries no requests, so ${type} is asked by gRPC`
        : `BROKERS: ${broker} carries no requests, and ${type} is not asked by gRPC`,
    );
  if (problems.length > 0) throw new InvalidConfig(name, problems);
}

/** Sends by gRPC what the settings say; all else goes over the broker. */
export function requestsBy(
  { grpc }: ServiceGround,
  serviceTokens: ServiceTokens,
  broker: Requests,
): AskedRequests {
  const { inventoryUrl } = grpc;
  if (!inventoryUrl) return { requests: broker, close: () => {} };
  const products = findProductsAt(inventoryUrl, serviceTokens);
  return { requests: new GrpcRequests([products], broker), close: () => products.close() };
}

/** Loads gRPC and connects with the first question, because many a service never asks; a wrong URL is told at once. */
function findProductsAt(url: string, serviceTokens: ServiceTokens): CallFor {
  targetOf(url);
  let closed = false;
  let opened: CallFor | undefined;
  return {
    type: FindProducts.type,
    call: async (data, options) => {
      const client = await import('@waybill/grpc/client');
      if (closed) throw new Unavailable('the service is stopping');
      opened ??= client.findProductsAt({ url, token: () => serviceTokens.issue() });
      return opened.call(data, options);
    },
    close: () => {
      closed = true;
      opened?.close();
    },
  };
}

/** Unless `GRPC_PORT` says where, only a process that listens at its own ports does. */
function listenOf({
  definition,
  host,
  hostSettings,
  grpc,
}: ServiceGround): { host: string; port: number } | null {
  if (host.listen === null) return null;
  const port = grpc.port ?? (host.listen ? undefined : definition.grpc?.port);
  return port === undefined ? null : { host: host.listen?.host ?? hostSettings.host, port };
}
