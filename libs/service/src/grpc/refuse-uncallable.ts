import type { Brokers } from '@waybill/messaging';
import type { GrpcConfig } from '../config/grpc.config.ts';
import { InvalidConfig } from '../config/read-settings.ts';
import type { ServiceOptions } from '../service-options.ts';

/** Throws `InvalidConfig` for a request of the service that neither a broker nor gRPC can carry. */
export function refuseUnaskable(
  { name, calls = [] }: ServiceOptions,
  brokers: Brokers,
  { addresses }: GrpcConfig,
): void {
  if (brokers.requests) return;
  const broker = brokers.brokerFor('command').name;
  const problems = calls.flatMap((each) => {
    if (!('address' in each))
      return `BROKERS: ${broker} carries no requests, and ${each.type} is not asked by gRPC`;
    if (addresses[each.address]) return [];
    return `${each.address} is missing: ${broker} carries no requests, so ${each.type} is asked by gRPC`;
  });
  if (problems.length > 0) throw new InvalidConfig(name, problems);
}
