import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Answers, type Page, PagedList, Roles } from '@waybill/http';
import { DeliveryRepository } from '../storage/delivery.repository.ts';
import { type DeliveryView, DeliveryViews } from './delivery-views.ts';
import { deliveryPage, type NotificationQuery, notificationQuery } from './notifications.schema.ts';

const deliveries = new PagedList('notifications', text(1, 100));

@ApiTags('Notifications')
@Roles('operator')
@Controller('api/v1/notifications')
export class NotificationsController {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly views: DeliveryViews,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The e-mails about an order, or about all orders' })
  @Answers(200, deliveryPage, 'A page')
  async list(
    @Query({ schema: notificationQuery }) query: NotificationQuery,
  ): Promise<Page<DeliveryView>> {
    const { orderId, reason } = query;
    const { after, take, page } = deliveries.read(query, { orderId });
    const { items, nextCursor } = page(await this.found(orderId, after, take), (last) => last.id);
    const isMasked = reason === undefined;
    return {
      items: await Promise.all(items.map((each) => this.views.of(each, isMasked))),
      nextCursor,
    };
  }

  private async found(orderId: string | undefined, after: string | undefined, take: number) {
    if (orderId === undefined) return this.deliveries.list(after, take);
    const all = await this.deliveries.ofOrder(orderId);
    return all.filter(({ id }) => after === undefined || id > after);
  }
}
