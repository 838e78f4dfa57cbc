import { CarrierQuotes, type QuoteRequest } from '@waybill/gateway';
import type { RunningService } from '@waybill/service';
import { RatesRpc } from '@waybill/shipping';

/** Gathers quotes by the shipping service in this process. */
export class LocalQuotes extends CarrierQuotes {
  private readonly rates: RatesRpc;

  constructor(services: readonly RunningService[]) {
    super();
    const shipping = services.find(({ name }) => name === 'shipping');
    if (!shipping) throw new TypeError('there is no shipping service in this process');
    this.rates = shipping.app.get(RatesRpc);
  }

  stream(request: QuoteRequest) {
    return this.rates.streamQuotes(request);
  }
}
