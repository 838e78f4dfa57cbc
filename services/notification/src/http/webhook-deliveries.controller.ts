import { Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Caller, type Page, PagedList, Problem, Refuses } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { testEvent } from '../domain/webhook.ts';
import type { WebhookDelivery } from '../domain/webhook-delivery.ts';
import { testEventBody } from '../domain/webhook-event.ts';
import { WebhookDeliveryRepository } from '../storage/webhook-delivery.repository.ts';
import { WebhookAccess } from './webhook-access.ts';
import { WebhookViews } from './webhook-views.ts';
import {
  type DeliveriesQuery,
  deliveriesQuery,
  type WebhookDeliveryDetail,
  type WebhookDeliveryView,
  type WebhookQuery,
  webhookDeliveryAnswer,
  webhookDeliveryDetailAnswer,
  webhookDeliveryId,
  webhookDeliveryPageAnswer,
  webhookId,
  webhookQuery,
} from './webhooks.schema.ts';

const deliveriesInOrder = new PagedList('webhook deliveries', webhookDeliveryId);

/** What was delivered to a webhook, and how that went. */
@ApiTags('Webhooks')
@Controller('api/v1/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(
    private readonly deliveries: WebhookDeliveryRepository,
    private readonly access: WebhookAccess,
    private readonly views: WebhookViews,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('deliveries')
  @ApiOperation({ summary: 'The deliveries to a webhook, the latest first' })
  @Answers(200, webhookDeliveryPageAnswer, 'A page')
  @Refuses(404, 'not_found')
  async list(
    @Param('id', { schema: webhookId }) id: string,
    @Query({ schema: deliveriesQuery }) query: DeliveriesQuery,
    @Caller() caller: Caller,
  ): Promise<Page<WebhookDeliveryView>> {
    const { after, take, page } = deliveriesInOrder.read(query, { id });
    await this.access.find(id, caller);
    const found = await this.deliveries.list(id, after, take);
    const { items, nextCursor } = page(found, (last) => last.id);
    return { items: items.map((each) => this.views.delivery(each)), nextCursor };
  }

  @Get('deliveries/:deliveryId')
  @ApiOperation({ summary: 'One delivery: the request, how it was answered, and every try' })
  @Answers(200, webhookDeliveryDetailAnswer, 'The delivery')
  @Refuses(404, 'not_found')
  async find(
    @Param('id', { schema: webhookId }) id: string,
    @Param('deliveryId', { schema: webhookDeliveryId }) deliveryId: string,
    @Query({ schema: webhookQuery }) { reason }: WebhookQuery,
    @Caller() caller: Caller,
  ): Promise<WebhookDeliveryDetail> {
    const webhook = await this.access.find(id, caller);
    const delivery = await this.delivery(id, deliveryId);
    return this.views.detail(webhook, delivery, this.access.isMasked(caller, webhook, reason));
  }

  @Post('deliveries/:deliveryId/redeliver')
  @ApiOperation({ summary: 'Deliver it again, under the same id and with all tries.' })
  @Answers(202, webhookDeliveryAnswer, 'The delivery')
  @Refuses(404, 'not_found')
  @Refuses(409, 'webhook_disabled')
  async redeliver(
    @Param('id', { schema: webhookId }) id: string,
    @Param('deliveryId', { schema: webhookDeliveryId }) deliveryId: string,
    @Caller() caller: Caller,
  ): Promise<WebhookDeliveryView> {
    await this.access.find(id, caller);
    const delivery = await this.delivery(id, deliveryId);
    return this.accepted(await this.deliveries.redeliver(delivery, this.clock.now()));
  }

  @Post('test')
  @ApiOperation({ summary: 'Deliver an event without content, `webhook.test`.' })
  @Answers(202, webhookDeliveryAnswer, 'The delivery')
  @Refuses(404, 'not_found')
  @Refuses(409, 'webhook_disabled')
  async test(
    @Param('id', { schema: webhookId }) id: string,
    @Caller() caller: Caller,
  ): Promise<WebhookDeliveryView> {
    await this.access.find(id, caller);
    const now = this.clock.now();
    const event = { type: testEvent, body: testEventBody(id, now) };
    return this.accepted(await this.deliveries.test(id, event, now));
  }

  private async delivery(webhook: string, id: string): Promise<WebhookDelivery> {
    const found = await this.deliveries.find(webhook, id);
    if (!found) throw new Problem(404, 'not_found', `there is no delivery ${id} to the webhook`);
    return found;
  }

  private accepted(delivery: WebhookDelivery | undefined): WebhookDeliveryView {
    if (!delivery) throw new Problem(409, 'webhook_disabled', 'enable the webhook first');
    return this.views.delivery(delivery);
  }
}
