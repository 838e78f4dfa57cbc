import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Answers, type Page, PagedList, Roles } from '@waybill/http';
import { DeliveryRepository, type DeliveryView } from '../storage/delivery.repository.ts';
import { deliveryPage, type NotificationQuery, notificationQuery } from './notifications.schema.ts';

const deliveries = new PagedList('notifications', text(1, 100));

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
    const { orderId } = query;
    const { after, take, page } = deliveries.read(query, { orderId });
    if (orderId !== undefined) {
      const all = await this.deliveries.ofOrder(orderId);
      const behind = all.filter(({ id }) => after === undefined || id > after);
      return page(behind, (last) => last.id);
    }
    return page(await this.deliveries.list(after, take), (last) => last.id);
  }
}
