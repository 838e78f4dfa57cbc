import type { Availability } from '@waybill/contracts/grpc';
import type { Observable } from 'rxjs';

/** The availability of products, as inventory knows it; injected, because only the host can reach the service. */
export abstract class AvailabilityReader {
  /** The units that are available now, in the order of `skus`. Rejects if a product does not exist, or inventory is away. */
  abstract read(skus: readonly string[]): Promise<readonly Availability[]>;

  /** The units that are available now, then each change, until unsubscribed. Fails like `read`. */
  abstract watch(skus: readonly string[]): Observable<Availability>;
}
