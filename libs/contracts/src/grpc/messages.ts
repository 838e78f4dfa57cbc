import type { FoundProducts } from '../inventory.messages.ts';
import type { Money } from '../money.ts';

/** The response of `Catalogue.FindProducts`. */
export interface FindProductsResponse {
  readonly products: FoundProducts['products'];
  readonly unknownSkus: readonly string[];
}

/** How much of a product can be bought, as `Catalogue` returns it. */
export interface Availability {
  readonly sku: string;
  readonly available: number;
}

/** The response of `Catalogue.GetAvailability`. */
export interface GetAvailabilityResponse {
  readonly products: readonly Availability[];
}

/** A shipping method, as `Rates` names it. */
export type ShippingMethodName =
  | 'SHIPPING_METHOD_UNSPECIFIED'
  | 'SHIPPING_METHOD_STANDARD'
  | 'SHIPPING_METHOD_EXPRESS';

/** An offer of a carrier, as `Rates` returns it. */
export interface OfferMessage {
  readonly carrier: string;
  readonly method: ShippingMethodName;
  readonly cost: Money;
  readonly estimatedDays: number;
}

/** The response of `Rates.Quote`. */
export interface QuoteResponse {
  readonly offers: readonly OfferMessage[];
  readonly missing: readonly string[];
}

/** One response of `Rates.StreamQuotes`. */
export interface CarrierAnswer {
  readonly carrier: string;
  readonly offer?: OfferMessage;
  readonly noOffer?: Record<string, never>;
  readonly noAnswer?: Record<string, never>;
}
