import { FindProducts, type FoundProducts } from '@waybill/contracts';
import { catalogueApi } from '../grpc-api.ts';
import type { FindProductsResponse } from '../messages.ts';
import { GrpcCaller, type GrpcCallerOptions } from './grpc-caller.ts';
import type { CallFor } from './grpc-requests.ts';

/** `FindProducts` asked of the inventory at this address. */
export function findProductsAt(options: Omit<GrpcCallerOptions, 'api'>): CallFor {
  const caller = new GrpcCaller({ ...options, api: catalogueApi });
  return {
    type: FindProducts.type,
    call: async ({ skus }: { skus: string[] }, how): Promise<FoundProducts> => {
      const { products } = await caller.call<FindProductsResponse>('FindProducts', { skus }, how);
      return { products: [...products] };
    },
    close: () => caller.close(),
  };
}
