import type { Encrypted } from '@waybill/contracts';

/** The events that webhooks tell of, without that of a test. */
export const webhookEvents = [
  'order.confirmed',
  'order.rejected',
  'order.cancelled',
  'order.shipped',
  'order.delivered',
  'order.returning',
  'order.refunded',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** The event of a test delivery, which every webhook gets. */
export const testEvent = 'webhook.test';

/** How a receiver verifies: by Standard Webhooks, or by the older `x-webhook-signature`. */
export const webhookSchemes = ['standard', 'legacy'] as const;
export type WebhookScheme = (typeof webhookSchemes)[number];

/** `owner`: whoever made it. `gone`: the endpoint answered 410. `failing`: it failed for days. */
export type DisabledReason = 'owner' | 'gone' | 'failing';

/** An endpoint that is told of orders. Its address, description and secrets are encrypted with the key of its owner. */
export interface Webhook {
  readonly id: string;
  /** The customer of whose orders it is told; null: it belongs to the operators, and is told of all. */
  readonly customerId: string | null;
  readonly url: Encrypted<string>;
  readonly description: Encrypted<string>;
  readonly events: readonly WebhookEvent[];
  readonly scheme: WebhookScheme;
  readonly disabledReason: DisabledReason | null;
  readonly secret: Encrypted<string>;
  /** Signs too, until a rotation is over. */
  readonly previousSecret: Encrypted<string> | null;
  readonly previousSecretUntil: string | null;
  /** How many times in a row the endpoint has failed, since when, and until when it is left alone. */
  readonly failures: number;
  readonly failingSince: string | null;
  readonly pausedUntil: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Since when it is told of these events. */
  readonly activeSince: string;
}

/** The subject whose key encrypts the webhooks of operators; the id of no customer. */
const operators = 'webhooks of operators';

export const keySubject = ({ customerId }: Pick<Webhook, 'customerId'>): string =>
  customerId ?? operators;
