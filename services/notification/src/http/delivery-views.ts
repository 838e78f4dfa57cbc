import { Injectable } from '@nestjs/common';
import { mask, maskedEmail } from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import type { z } from 'zod';
import type { Delivery } from '../domain/delivery.ts';
import { renderEmail } from '../domain/email.ts';
import type { deliveryView } from './notifications.schema.ts';

export type DeliveryView = z.output<typeof deliveryView>;

/** Shows e-mails to operators. Each is rendered when it is read, with the name of its recipient, masked, or without it once it is erased. */
@Injectable()
export class DeliveryViews {
  constructor(private readonly cipher: FieldCipher) {}

  async of(delivery: Delivery, isMasked: boolean): Promise<DeliveryView> {
    const { id, orderId, template, status, news, at } = delivery;
    const [recipient, name] = await Promise.all([
      this.cipher.decrypt(delivery.recipient),
      this.cipher.decrypt(news.customerName),
    ]);
    return {
      id,
      orderId,
      channel: 'email',
      template,
      recipient: recipient === undefined ? 'erased' : isMasked ? maskedEmail(recipient) : recipient,
      status,
      ...renderEmail(template, { ...news, customerName: isMasked && name ? mask : (name ?? '') }),
      at,
    };
  }
}
