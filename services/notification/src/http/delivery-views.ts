import { Injectable } from '@nestjs/common';
import { mask, maskedEmail } from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import { type Delivery, shownId } from '../domain/delivery.ts';
import { renderEmail } from '../domain/email.ts';
import type { DeliveryView } from './notifications.schema.ts';

/** Shows notifications. Each is rendered when it is read, with the name of its recipient, masked, or without it once it is erased. */
@Injectable()
export class DeliveryViews {
  constructor(private readonly cipher: FieldCipher) {}

  async of(delivery: Delivery, isMasked: boolean): Promise<DeliveryView> {
    const { id, orderId, template, status, error, news, locale, at, sentAt, readAt } = delivery;
    const [recipient, name] = await Promise.all([
      this.cipher.decrypt(delivery.recipient),
      this.cipher.decrypt(news.customerName),
    ]);
    const customerName = isMasked && name ? mask : (name ?? '');
    return {
      id: shownId(id),
      orderId,
      channel: 'email',
      template,
      recipient: recipient === undefined ? 'erased' : isMasked ? maskedEmail(recipient) : recipient,
      status,
      error,
      ...renderEmail(template, { ...news, customerName }, locale),
      at,
      sentAt,
      readAt,
    };
  }
}
