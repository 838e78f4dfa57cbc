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
  const problems = calls.flatMap((each) => {
    const confidential = 'confidential' in each && each.confidential === true;
    if (brokers.brokerOf({ confidential })) return [];
    const lack = `${brokers.brokerFor('command').name} carries no ${confidential ? 'confidential ' : ''}requests`;
    if (!('address' in each)) return `BROKERS: ${lack}, and ${each.type} is not asked by gRPC`;
    if (addresses[each.address]) return [];
    return `${each.address} is missing: ${lack}, so ${each.type} is asked by gRPC`;
  });
  if (problems.length > 0) throw new InvalidConfig(name, problems);
}
