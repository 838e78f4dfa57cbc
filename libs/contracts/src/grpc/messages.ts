import type { FoundProducts } from '../inventory.messages.ts';
import type { Money } from '../money.ts';

/** The answer of `Catalogue.FindProducts`. */
export interface FindProductsResponse {
  readonly products: FoundProducts['products'];
  readonly unknownSkus: readonly string[];
}

/** What can be bought of a product, as `Catalogue` tells it. */
export interface Availability {
  readonly sku: string;
  readonly available: number;
}

/** The answer of `Catalogue.GetAvailability`. */
export interface GetAvailabilityResponse {
  readonly products: readonly Availability[];
}

/** A shipping method, as `Rates` names it. */
export type ShippingMethodName =
  | 'SHIPPING_METHOD_UNSPECIFIED'
  | 'SHIPPING_METHOD_STANDARD'
  | 'SHIPPING_METHOD_EXPRESS';

/** An offer of a carrier, as `Rates` tells it. */
export interface OfferMessage {
  readonly carrier: string;
  readonly method: ShippingMethodName;
  readonly cost: Money;
  readonly estimatedDays: number;
}

/** The answer of `Rates.Quote`. */
export interface QuoteResponse {
  readonly offers: readonly OfferMessage[];
  readonly missing: readonly string[];
}

/** One answer of `Rates.StreamQuotes`. */
export interface CarrierAnswer {
  readonly carrier: string;
  readonly offer?: OfferMessage;
  readonly noOffer?: Record<string, never>;
  readonly noAnswer?: Record<string, never>;
}
