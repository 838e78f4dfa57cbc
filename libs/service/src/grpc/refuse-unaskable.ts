import { FindProducts } from '@waybill/contracts';
import type { Brokers } from '@waybill/messaging';
import type { GrpcConfig } from '../config/grpc.config.ts';
import { InvalidConfig } from '../config/read-settings.ts';
import type { ServiceOptions } from '../service-options.ts';

/** Throws `InvalidConfig` for a request of the service that neither a broker nor gRPC carries. */
export function refuseUnaskable(
  { name, asks = [] }: ServiceOptions,
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
