import {
  Body,
  Controller,
  Delete,
  Get,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { newId } from '@waybill/contracts';
import { FieldCipher } from '@waybill/encryption';
import { Answers, Caller, isOperator, type Page, PagedList, Problem, Refuses } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import { newWebhookSecret } from '@waybill/webhooks';
import { keySubject, type Webhook } from '../domain/webhook.ts';
import type { NotificationConfig } from '../notification.config.ts';
import { WebhookRepository } from '../storage/webhook.repository.ts';
import { missing, WebhookAccess } from './webhook-access.ts';
import { WebhookViews } from './webhook-views.ts';
import {
  type ChangeWebhook,
  type CreatedWebhook,
  type CreateWebhook,
  changeWebhook,
  createdWebhookAnswer,
  createWebhook,
  type RotatedWebhook,
  rotatedWebhookAnswer,
  type WebhookQuery,
  type WebhooksQuery,
  type WebhookView,
  webhookAnswer,
  webhookId,
  webhookPageAnswer,
  webhookQuery,
  webhooksQuery,
} from './webhooks.schema.ts';

/** The method needed to set a header of a response. */
interface Answer {
  header(name: string, value: string): unknown;
}

const webhooksInOrder = new PagedList('webhooks', webhookId);

/** Webhooks: of a customer about the own orders, of operators about all. */
@ApiTags('Webhooks')
@Controller('api/v1/webhooks')
export class WebhooksController {
  constructor(
    private readonly webhooks: WebhookRepository,
    private readonly access: WebhookAccess,
    private readonly views: WebhookViews,
    private readonly cipher: FieldCipher,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'webhooks'>,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Receive the events of orders at a URL.',
    description:
      'Requests are signed according to Standard Webhooks (https://www.standardwebhooks.com). What is not answered with 2xx within 15 ' +
      'seconds is sent again, ten times within three days; 410 disables the webhook. The order of deliveries is not guaranteed, and one ' +
      'may arrive twice, with the same `webhook-id`.',
  })
  @Answers(201, createdWebhookAnswer, 'Created; Location is where to look')
  @Refuses(409, 'too_many_webhooks')
  @Refuses(422, 'endpoint_refused')
  async create(
    @Body({ schema: createWebhook }) body: CreateWebhook,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) answer: Answer,
  ): Promise<CreatedWebhook> {
    this.access.checkUrl(body.url);
    const secret = newWebhookSecret();
    const webhook = await this.made(body, isOperator(caller) ? null : caller.id, secret);
    const { perOwner } = this.config.webhooks;
    if (!(await this.webhooks.add(webhook, perOwner)))
      throw new Problem(409, 'too_many_webhooks', `there are ${perOwner} webhooks already`);
    answer.header('location', `/api/v1/webhooks/${webhook.id}`);
    return { ...(await this.views.of(webhook, false)), secret };
  }

  @Get()
  @ApiOperation({ summary: 'The own webhooks, for operators those of all, the oldest first' })
  @Answers(200, webhookPageAnswer, 'A page')
  async list(
    @Query({ schema: webhooksQuery }) query: WebhooksQuery,
    @Caller() caller: Caller,
  ): Promise<Page<WebhookView>> {
    const { after, take, page } = webhooksInOrder.read(query);
    const found = await this.webhooks.list(this.access.scopeOf(caller), after, take);
    const { items, nextCursor } = page(found, (last) => last.id);
    const views = items.map((each) =>
      this.views.of(each, this.access.isMasked(caller, each, query.reason)),
    );
    return { items: await Promise.all(views), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One webhook' })
  @Answers(200, webhookAnswer, 'The webhook')
  @Refuses(404, 'not_found')
  async find(
    @Param('id', { schema: webhookId }) id: string,
    @Query({ schema: webhookQuery }) { reason }: WebhookQuery,
    @Caller() caller: Caller,
  ): Promise<WebhookView> {
    return this.shown(id, caller, reason);
  }

  @Patch(':id')
  @ApiOperation({
    summary: 'Change, disable or enable a webhook.',
    description: 'While it is disabled nothing is delivered, and what waited is given up.',
  })
  @Answers(200, webhookAnswer, 'The webhook')
  @Refuses(404, 'not_found')
  @Refuses(422, 'endpoint_refused')
  async change(
    @Param('id', { schema: webhookId }) id: string,
    @Body({ schema: changeWebhook }) { url, description, ...rest }: ChangeWebhook,
    @Caller() caller: Caller,
  ): Promise<WebhookView> {
    const webhook = await this.access.find(id, caller);
    if (url !== undefined) this.access.checkUrl(url);
    const encrypt = await this.cipher.encryptFor(keySubject(webhook));
    const change = {
      ...rest,
      ...(url === undefined ? {} : { url: encrypt(url) }),
      ...(description === undefined ? {} : { description: encrypt(description) }),
    };
    await this.webhooks.change(id, this.access.scopeOf(caller), change, this.clock.now());
    return this.shown(id, caller);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Remove a webhook with its deliveries.' })
  @Answers(204, null, 'It is gone')
  @Refuses(404, 'not_found')
  async remove(
    @Param('id', { schema: webhookId }) id: string,
    @Caller() caller: Caller,
  ): Promise<void> {
    if (!(await this.webhooks.remove(id, this.access.scopeOf(caller)))) throw missing(id);
  }

  @Post(':id/rotate')
  @ApiOperation({
    summary:
      'Get another secret; the one before signs too until `previousSecretUntil`. Only the owner may.',
  })
  @Answers(200, rotatedWebhookAnswer, 'The secret')
  @Refuses(403, 'forbidden')
  @Refuses(404, 'not_found')
  async rotate(
    @Param('id', { schema: webhookId }) id: string,
    @Caller() caller: Caller,
  ): Promise<RotatedWebhook> {
    const webhook = await this.access.find(id, caller);
    if (isOperator(caller) && webhook.customerId !== null)
      throw new Problem(403, 'forbidden', 'only its customer may know the secret');
    const secret = newWebhookSecret();
    const now = this.clock.now();
    const until = new Date(now.getTime() + this.config.webhooks.rotationOverlap);
    const encrypted = await this.cipher.encrypt(keySubject(webhook), secret);
    if (!(await this.webhooks.rotate(id, encrypted, until, now))) throw missing(id);
    return { id, secret, previousSecretUntil: until.toISOString() };
  }

  private async shown(id: string, caller: Caller, reason?: string): Promise<WebhookView> {
    const webhook = await this.access.find(id, caller);
    return this.views.of(webhook, this.access.isMasked(caller, webhook, reason));
  }

  private async made(
    { url, events, description, scheme }: CreateWebhook,
    customerId: string | null,
    secret: string,
  ): Promise<Webhook> {
    const now = this.clock.now();
    const at = now.toISOString();
    const encrypt = await this.cipher.encryptFor(keySubject({ customerId }));
    return {
      id: newId(now),
      customerId,
      url: encrypt(url),
      description: encrypt(description),
      events,
      scheme,
      disabledReason: null,
      secret: encrypt(secret),
      previousSecret: null,
      previousSecretUntil: null,
      failures: 0,
      failingSince: null,
      pausedUntil: null,
      createdAt: at,
      updatedAt: at,
      activeSince: at,
    };
  }
}
