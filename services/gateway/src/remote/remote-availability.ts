import type { Availability, GetAvailabilityResponse } from '@waybill/contracts/grpc';
import type { GrpcCaller } from '@waybill/grpc/client';
import { Pipeline } from '@waybill/resilience';
import type { Observable } from 'rxjs';
import { AvailabilityReader } from '../availability-reader.ts';
import { breaker } from './breaker.ts';

const patience = 2_000;
/** Milliseconds: the longest that inventory admits. The reader of a stream that ends comes again. */
const longestWatch = 60 * 60_000;

/** Calls inventory by gRPC. */
export class RemoteAvailability extends AvailabilityReader {
  private readonly calls = new Pipeline('inventory', [breaker]);

  constructor(private readonly caller: GrpcCaller) {
    super();
  }

  async read(skus: readonly string[]): Promise<readonly Availability[]> {
    const { products } = await this.calls.run(() =>
      this.caller.call<GetAvailabilityResponse>(
        'GetAvailability',
        { skus },
        { deadline: patience },
      ),
    );
    return products;
  }

  watch(skus: readonly string[]): Observable<Availability> {
    return this.caller.stream('WatchAvailability', { skus }, { deadline: longestWatch });
  }
}
