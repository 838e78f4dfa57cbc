import { givenOrderId } from '@waybill/contracts';
import { Problem } from '@waybill/http';
import { isSigned } from '@waybill/webhooks';
import type { ProviderEvent } from '../domain/provider-event.ts';
import { knownEventType, providerWebhook } from './payment.schema.ts';
import type { ProviderWebhooks, WebhookRequest } from './provider-webhooks.ts';

/** Webhooks of the sandbox, signed according to the Standard Webhooks specification. */
export class SandboxWebhooks implements ProviderWebhooks {
  readonly provider = 'sandbox';

  constructor(private readonly secrets: readonly string[]) {}

  isSigned(request: WebhookRequest, now: Date): boolean {
    return isSigned(request, this.secrets, now);
  }

  async eventOf({ headers, body }: WebhookRequest): Promise<ProviderEvent | null> {
    const { id, type, createdAt, data } = providerWebhook.parse(body);
    if (id !== headers['webhook-id']) {
      throw new Problem(400, 'invalid_request', 'the header webhook-id names another event');
    }
    const known = knownEventType.safeParse(type);
    const order = givenOrderId.safeParse(data.orderId);
    // A newer event type, or a charge of another shop.
    if (!known.success || !order.success) return null;
    return { eventId: id, type: known.data, at: createdAt, ...data, orderId: order.data };
  }
}
