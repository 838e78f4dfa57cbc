import { z } from 'zod';

const one = '(grpcs?://)?(\\[[0-9a-f:]+\\]|[\\w.-]+):\\d{1,5}';
const several = '(grpcs?://)?(\\d{1,3}\\.){3}\\d{1,3}:\\d{1,5}';
const address = z
  .string()
  .regex(
    new RegExp(`^(${one}|${several}(, ?${several})+)$`, 'i'),
    'is an address such as grpc://inventory:9082, with TLS grpcs://inventory:9082, or several of IPv4 with commas between',
  );

/** Where a service serves gRPC if it does, and whom it asks by it instead of over the broker. */
export const grpcConfig = z
  .object({
    GRPC_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
    INVENTORY_GRPC_URL: address.optional(),
  })
  .transform((env) => ({ port: env.GRPC_PORT, inventoryUrl: env.INVENTORY_GRPC_URL }));
export type GrpcConfig = z.output<typeof grpcConfig>;
