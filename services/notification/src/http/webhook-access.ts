import { Inject, Injectable } from '@nestjs/common';
import { type Caller, isOperator, Problem, seesPersonalData } from '@waybill/http';
import { CONFIG } from '@waybill/service';
import { endpointRefusal } from '@waybill/webhooks';
import type { Webhook } from '../domain/webhook.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { WebhookRepository, type WebhookScope } from '../storage/webhook.repository.ts';

/** Which webhooks a caller may use, and which endpoints. */
@Injectable()
export class WebhookAccess {
  constructor(
    private readonly webhooks: WebhookRepository,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'webhooks'>,
  ) {}

  /** Operators share all; customers have their own. */
  scopeOf(caller: Caller): WebhookScope {
    return isOperator(caller) ? {} : { customerId: caller.id };
  }

  /** Operators see where the webhooks of customers lead only for a reason. */
  isMasked(caller: Caller, { customerId }: Webhook, reason?: string): boolean {
    return customerId !== null && !seesPersonalData({ caller, reason }, customerId);
  }

  /** A webhook that the caller may use; otherwise 404. */
  async find(id: string, caller: Caller): Promise<Webhook> {
    const found = await this.webhooks.find(id, this.scopeOf(caller));
    if (!found) throw missing(id);
    return found;
  }

  /** Refuses with 422 an endpoint that nothing may be sent to. */
  checkUrl(url: string): void {
    const refusal = endpointRefusal(url, { loopback: this.config.webhooks.loopbackAllowed });
    if (refusal === null) return;
    throw new Problem(422, 'endpoint_refused', `the url ${refusal}`, {
      errors: [{ path: '/url', message: refusal }],
    });
  }
}

export const missing = (id: string): Problem =>
  new Problem(404, 'not_found', `there is no webhook ${id}`);
