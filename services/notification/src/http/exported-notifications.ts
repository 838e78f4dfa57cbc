import { Injectable } from '@nestjs/common';
import { mostIds, onePage, PersonalParts } from '@waybill/service';
import { DeliveryRepository } from '../storage/delivery.repository.ts';
import { DeliveryViews } from './delivery-views.ts';

/** The e-mails to a customer as they were sent, for an export. */
@Injectable()
export class ExportedNotifications {
  constructor(parts: PersonalParts, deliveries: DeliveryRepository, views: DeliveryViews) {
    parts.add('notifications', async ({ about = [] }) => {
      const found = await Promise.all(about.map((orderId) => deliveries.ofOrder(orderId)));
      return onePage(await Promise.all(found.flat().map((each) => views.of(each, false))));
    });
    parts.add('otherNotifications', async ({ subject: customerId, after }) => {
      const found = await deliveries.aboutNoOrder(customerId, after, mostIds);
      const items = await Promise.all(found.map((each) => views.of(each, false)));
      return { items, next: found[mostIds - 1]?.id ?? null };
    });
  }
}
