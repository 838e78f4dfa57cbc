import { Injectable } from '@nestjs/common';
import { mostIds, PersonalParts } from '@waybill/service';
import { WebhookRepository } from '../storage/webhook.repository.ts';
import { WebhookViews } from './webhook-views.ts';

/** The webhooks of a customer, for an export. */
@Injectable()
export class ExportedWebhooks {
  constructor(parts: PersonalParts, webhooks: WebhookRepository, views: WebhookViews) {
    parts.add('webhooks', async ({ subject: customerId, after }) => {
      const found = await webhooks.list({ customerId }, after, mostIds);
      const items = await Promise.all(found.map((each) => views.of(each, false)));
      return { items, next: found[mostIds - 1]?.id ?? null };
    });
  }
}
