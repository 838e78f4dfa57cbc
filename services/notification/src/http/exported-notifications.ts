import { Injectable } from '@nestjs/common';
import { onePage, PersonalParts } from '@waybill/service';
import { DeliveryRepository } from '../storage/delivery.repository.ts';
import { DeliveryViews } from './delivery-views.ts';

/** The e-mails about orders as they were sent, for an export. */
@Injectable()
export class ExportedNotifications {
  constructor(parts: PersonalParts, deliveries: DeliveryRepository, views: DeliveryViews) {
    parts.add('notifications', async ({ about = [] }) => {
      const found = await Promise.all(about.map((orderId) => deliveries.ofOrder(orderId)));
      return onePage(await Promise.all(found.flat().map((each) => views.of(each, false))));
    });
  }
}
