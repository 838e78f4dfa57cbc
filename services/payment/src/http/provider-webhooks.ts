import type { ProviderEvent } from '../domain/provider-event.ts';

/** A request that claims to come from a payment provider. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The signature covers the raw bytes. */
  readonly rawBody: Buffer | undefined;
  readonly body: unknown;
}

/** How one payment provider signs and words its events. */
export interface ProviderWebhooks {
  /** Its name in the address of the route. */
  readonly provider: string;
  isSigned(request: WebhookRequest, now: Date): boolean;
  /** The event of a signed request; null if it is about nothing of ours. Throws for a malformed one. */
  eventOf(request: WebhookRequest): Promise<ProviderEvent | null>;
}
