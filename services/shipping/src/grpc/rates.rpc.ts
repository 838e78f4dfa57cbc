import { address, line, type ShippingMethod } from '@waybill/contracts';
import {
  type CarrierAnswer,
  type OfferMessage,
  type QuoteResponse,
  ratesApi,
  type ShippingMethodName,
} from '@waybill/contracts/grpc';
import { checked, GrpcController, Refusal, Serves } from '@waybill/grpc';
import { from, map, merge, mergeMap, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Parcel } from '../clients/carrier.ts';
import { ParcelWeigher, UnweighableLines } from '../clients/parcel-weigher.ts';
import { Quoter } from '../clients/quoter.ts';
import { checkDestination, UnknownCountry } from '../domain/destination.ts';
import type { Offer, Rate } from '../domain/rate-table.ts';

const quoteRequest = z.object({
  lines: z.array(line).min(1).max(100),
  shippingAddress: address,
  method: z
    .enum(['SHIPPING_METHOD_STANDARD', 'SHIPPING_METHOD_EXPRESS'])
    .transform((name): ShippingMethod => (name.endsWith('EXPRESS') ? 'express' : 'standard')),
});

const names: Readonly<Record<ShippingMethod, ShippingMethodName>> = {
  standard: 'SHIPPING_METHOD_STANDARD',
  express: 'SHIPPING_METHOD_EXPRESS',
};

/** Carriers' rates for a parcel, by gRPC. */
@GrpcController()
export class RatesRpc {
  constructor(
    private readonly quoter: Quoter,
    private readonly weigher: ParcelWeigher,
  ) {}

  @Serves(ratesApi)
  async quote(request: unknown): Promise<QuoteResponse> {
    const { offers, missing } = await this.quoter.quotes(await this.parcelOf(request));
    if (offers.length === 0 && missing.length > 0) {
      const reason = { reason: 'no_offers', about: { missing: missing.join(',') } };
      throw new Refusal('UNAVAILABLE', `no answer of ${missing.join(', ')}; try again`, reason);
    }
    return { offers: offers.map(offerMessage), missing };
  }

  @Serves(ratesApi)
  streamQuotes(request: unknown): Observable<CarrierAnswer> {
    return from(this.parcelOf(request)).pipe(
      mergeMap((parcel) =>
        merge(
          ...this.quoter
            .each(parcel)
            .map(({ carrier, rate }) =>
              from(rate).pipe(map((found) => carrierAnswer(carrier, parcel.method, found))),
            ),
        ),
      ),
    );
  }

  private async parcelOf(request: unknown): Promise<Parcel> {
    const { lines, shippingAddress, method } = checked(quoteRequest, request);
    const { country } = shippingAddress;
    try {
      checkDestination(country);
      return { country, weightGrams: await this.weigher.weigh(lines), method };
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

function refusalOf(error: unknown): unknown {
  if (error instanceof UnknownCountry) {
    const { code, country, message } = error;
    return new Refusal('INVALID_ARGUMENT', message, { reason: code, about: { country } });
  }
  if (!(error instanceof UnweighableLines)) return error;
  const { code, skus, message } = error;
  return new Refusal(code === 'unknown_sku' ? 'NOT_FOUND' : 'INVALID_ARGUMENT', message, {
    reason: code,
    about: { skus: skus.join(',') },
  });
}

const offerMessage = ({ carrier, method, cost, days }: Offer): OfferMessage => ({
  carrier,
  method: names[method],
  cost,
  estimatedDays: days,
});

function carrierAnswer(
  carrier: string,
  method: ShippingMethod,
  rate: Rate | null | undefined,
): CarrierAnswer {
  if (rate) return { carrier, offer: offerMessage({ carrier, method, ...rate }) };
  return rate === null ? { carrier, noOffer: {} } : { carrier, noAnswer: {} };
}
