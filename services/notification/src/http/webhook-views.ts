import { Injectable } from '@nestjs/common';
import { mask } from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import type { Webhook } from '../domain/webhook.ts';
import { type Attempt, type WebhookDelivery, webhookHeaders } from '../domain/webhook-delivery.ts';
import type { WebhookDeliveryDetail, WebhookDeliveryView, WebhookView } from './webhooks.schema.ts';

/** Shows webhooks and their deliveries; where they lead is personal data of their customers. */
@Injectable()
export class WebhookViews {
  constructor(private readonly cipher: FieldCipher) {}

  async of(webhook: Webhook, isMasked: boolean): Promise<WebhookView> {
    const { id, customerId, events, scheme, disabledReason } = webhook;
    const { failingSince, createdAt, updatedAt } = webhook;
    const [url, description] = await Promise.all([
      this.text(webhook.url, isMasked),
      this.text(webhook.description, isMasked),
    ]);
    return {
      id,
      customerId,
      url,
      events: [...events],
      description,
      scheme,
      enabled: disabledReason === null,
      disabledReason,
      failingSince,
      createdAt,
      updatedAt,
    };
  }

  delivery({ id, type, status, at, dueAt }: WebhookDelivery): WebhookDeliveryView {
    const nextAttemptAt = status === 'pending' ? dueAt : null;
    return { id, type, status, createdAt: at, nextAttemptAt };
  }

  async detail(
    { url, scheme }: Webhook,
    delivery: WebhookDelivery,
    isMasked: boolean,
  ): Promise<WebhookDeliveryDetail> {
    const { id, body, attempts } = delivery;
    const latest = attempts.at(-1);
    const named = scheme === 'legacy' ? 'x-webhook-' : 'webhook-';
    return {
      ...this.delivery(delivery),
      request: {
        url: await this.text(url, isMasked),
        headers: {
          ...webhookHeaders,
          [`${named}id`]: id,
          ...(latest ? { [`${named}timestamp`]: secondsOf(latest) } : {}),
        },
        body,
      },
      response: latest ? responseOf(latest) : null,
      attempts: attempts.map((each) => ({ at: each.at, ...responseOf(each) })),
    };
  }

  private async text(value: string, isMasked: boolean): Promise<string> {
    return isMasked ? mask : ((await this.cipher.decrypt(value)) ?? 'erased');
  }
}

const responseOf = ({ status, failure, durationMs, bytes }: Attempt) => ({
  status,
  failure,
  durationMs,
  bytes,
});

const secondsOf = ({ at }: Attempt): string => String(Math.floor(Date.parse(at) / 1_000));
