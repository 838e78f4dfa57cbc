import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, text } from '@waybill/contracts';
import {
  Answers,
  Caller,
  isOperator,
  type Page,
  PagedList,
  Problem,
  Refuses,
  Roles,
} from '@waybill/http';
import { z } from 'zod';
import { storedId } from '../domain/delivery.ts';
import { Resends } from '../messages/resends.ts';
import { DeliveryRepository } from '../storage/delivery.repository.ts';
import { DeliveryViews } from './delivery-views.ts';
import {
  type DeliveryView,
  deliveryPage,
  deliveryView,
  type NotificationQuery,
  notificationId,
  notificationQuery,
} from './notifications.schema.ts';

const newestDeliveries = new PagedList(
  'notifications',
  z.strictObject({ at: givenInstant, id: text(1, 150) }),
);

@ApiTags('Notifications')
@Controller('api/v1/notifications')
export class NotificationsController {
  constructor(
    private readonly deliveries: DeliveryRepository,
    private readonly views: DeliveryViews,
    private readonly resends: Resends,
  ) {}

  @Get()
  @ApiOperation({
    summary:
      'Own notifications and their e-mails, the newest first; for operators, those of everybody',
  })
  @Answers(200, deliveryPage, 'A page')
  async list(
    @Query({ schema: notificationQuery }) query: NotificationQuery,
    @Caller() caller: Caller,
  ): Promise<Page<DeliveryView>> {
    const { orderId, status, reason } = query;
    const customerId = isOperator(caller) ? undefined : caller.id;
    const filter = { orderId, status, customerId };
    const { after, take, page } = newestDeliveries.read(query, filter);
    const found = await this.deliveries.list(filter, after, take);
    const { items, nextCursor } = page(found, ({ at, id }) => ({ at, id }));
    const isMasked = isOperator(caller) && reason === undefined;
    return {
      items: await Promise.all(items.map((each) => this.views.of(each, isMasked))),
      nextCursor,
    };
  }

  @Post(':id/read')
  @HttpCode(204)
  @ApiOperation({ summary: 'Mark an own notification as read.' })
  @Answers(204, null, 'It is marked')
  @Refuses(404, 'not_found')
  async read(
    @Param('id', { schema: notificationId }) id: string,
    @Caller() caller: Caller,
  ): Promise<void> {
    if (!(await this.deliveries.markRead(storedId(id), caller.id))) throw unknown();
  }

  @Post(':id/resend')
  @HttpCode(202)
  @Roles('operator')
  @ApiOperation({ summary: 'Send the e-mail of a notification again.' })
  @Answers(202, deliveryView, 'It is in the queue')
  @Refuses(404, 'not_found')
  @Refuses(409, 'already_queued', 'no_mail_server')
  async resend(@Param('id', { schema: notificationId }) id: string): Promise<DeliveryView> {
    const queued = await this.resends.queue(storedId(id));
    if (!queued) throw unknown();
    return this.views.of(queued, true);
  }
}

const unknown = (): Problem => new Problem(404, 'not_found', 'there is no such notification');
