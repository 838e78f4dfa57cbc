import { z } from 'zod';

const address = z
  .string()
  .regex(
    /^(grpc:\/\/)?(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i,
    'is an address such as grpc://inventory:9082',
  );

/** Where a service serves gRPC if it does, and whom it asks by it instead of over the broker. */
export const grpcConfig = z
  .object({
    GRPC_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
    INVENTORY_GRPC_URL: address.optional(),
  })
  .transform((env) => ({ port: env.GRPC_PORT, inventoryUrl: env.INVENTORY_GRPC_URL }));
export type GrpcConfig = z.output<typeof grpcConfig>;
