import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Answers, type Page, page, Roles, readCursor } from '@waybill/service';
import { DeliveryRepository, type DeliveryView } from '../storage/delivery.repository.ts';
import { deliveryPage, type NotificationQuery, notificationQuery } from './notifications.schema.ts';

@ApiTags('Notifications')
@Roles('operator')
@Controller('api/v1/notifications')
export class NotificationsController {
  constructor(private readonly deliveries: DeliveryRepository) {}

  @Get()
  @ApiOperation({ summary: 'The e-mails about an order, or about all orders' })
  @Answers(200, deliveryPage, 'A page')
  async list(
    @Query({ schema: notificationQuery }) query: NotificationQuery,
  ): Promise<Page<DeliveryView>> {
    const { limit, cursor, orderId } = query;
    const after = readCursor(cursor, text(1, 100));
    if (orderId !== undefined) {
      const all = await this.deliveries.ofOrder(orderId);
      const behind = all.filter(({ id }) => after === undefined || id > after);
      return page(behind, limit, (last) => last.id);
    }
    return page(await this.deliveries.list(after, limit + 1), limit, (last) => last.id);
  }
}
