import { sku } from '@waybill/contracts';
import {
  type Availability,
  catalogueApi,
  type FindProductsResponse,
  type GetAvailabilityResponse,
} from '@waybill/contracts/grpc';
import { checked, GrpcController, latestByKey, type ReadPace, Serves } from '@waybill/grpc';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { ProductFinder } from '../storage/product-finder.ts';
import { AvailabilityWatch } from './availability-watch.ts';

const asked = z.object({ skus: z.array(sku).min(1).max(100) });

/** Prices and availability of products by gRPC. */
@GrpcController()
export class CatalogueRpc {
  constructor(
    private readonly finder: ProductFinder,
    private readonly availability: AvailabilityWatch,
  ) {}

  @Serves(catalogueApi)
  async findProducts(request: unknown): Promise<FindProductsResponse> {
    const { skus } = checked(asked, request);
    const { products } = await this.finder.find(skus);
    const known = new Set(products.map((product) => product.sku));
    return { products, unknownSkus: skus.filter((each) => !known.has(each)) };
  }

  @Serves(catalogueApi)
  async getAvailability(request: unknown): Promise<GetAvailabilityResponse> {
    const { skus } = checked(asked, request);
    return { products: await this.availability.read(skus) };
  }

  @Serves(catalogueApi)
  watchAvailability(request: unknown, _: unknown, call: ReadPace): Observable<Availability> {
    const { skus } = checked(asked, request);
    return this.availability.watch(skus).pipe(latestByKey(call, (each) => each.sku));
  }
}
