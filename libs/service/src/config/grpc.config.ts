import type { RequestByGrpc } from '@waybill/grpc';
import { z } from 'zod';
import type { ServiceOptions } from '../service-options.ts';

const one = '(grpcs?://)?(\\[[0-9a-f:]+\\]|[\\w.-]+):\\d{1,5}';
const several = '(grpcs?://)?(\\d{1,3}\\.){3}\\d{1,3}:\\d{1,5}';
/** The address of a service by gRPC, or those of its replicas. */
export const grpcAddress = z
  .string()
  .regex(
    new RegExp(`^(${one}|${several}(, ?${several})+)$`, 'i'),
    'is an address such as grpc://inventory:9082, with TLS grpcs://inventory:9082, or several of IPv4 with commas between',
  );

/** The requests of a service that use gRPC. */
export const byGrpc = ({ calls = [] }: Pick<ServiceOptions, 'calls'>): readonly RequestByGrpc[] =>
  calls.filter((each): each is RequestByGrpc => 'address' in each);

/** The port of a service that serves gRPC, and the addresses of services that it calls by gRPC instead of over the broker. */
export const grpcConfig = (options: Pick<ServiceOptions, 'calls'>) =>
  z
    .object({
      /** The port on which gRPC is served; default: that of the service. */
      GRPC_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
      ...Object.fromEntries(byGrpc(options).map((each) => [each.address, grpcAddress.optional()])),
    })
    .transform(({ GRPC_PORT: port, ...addresses }) => ({
      port,
      addresses: addresses as Readonly<Record<string, string | undefined>>,
    }));
export type GrpcConfig = z.output<ReturnType<typeof grpcConfig>>;
