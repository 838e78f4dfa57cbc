import type { Address, Line } from '@waybill/contracts';
import type { CarrierAnswer, ShippingMethodName } from '@waybill/contracts/grpc';
import type { Observable } from 'rxjs';

/** A parcel, as shipping takes it. */
export interface QuoteRequest {
  readonly lines: readonly Line[];
  readonly shippingAddress: Address;
  readonly method: ShippingMethodName;
}

/** The carriers' quotes, as shipping gathers them; injected, because only the host can reach the service. */
export abstract class CarrierQuotes {
  /** The response of each carrier, as it arrives, then the end. Fails if a line is refused, or shipping is away. */
  abstract stream(request: QuoteRequest): Observable<CarrierAnswer>;
}
