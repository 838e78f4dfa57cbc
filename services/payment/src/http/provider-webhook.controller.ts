import { Body, Controller, Headers, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { derivedId, givenOrderId, newId } from '@waybill/contracts';
import { Answers, Problem, Refuses, Takes, Tokenless } from '@waybill/http';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import { isSigned } from '@waybill/webhooks';
import { flagIdOf, type ProviderEvent } from '../domain/provider-event.ts';
import { TakeProviderEvent } from '../messages/payment.local.ts';
import type { PaymentConfig } from '../payment.config.ts';
import { knownEventType, type ProviderWebhook, providerWebhook } from './payment.schema.ts';

/** The signature covers the raw bytes. */
interface WebhookRequest {
  readonly rawBody?: Buffer;
}

/** Webhooks of payment providers, authenticated only by their signature. */
@ApiTags('Payments')
@Controller('api/v1/payments/:provider/webhooks')
export class ProviderWebhookController {
  constructor(
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<PaymentConfig, 'webhookSecrets'>,
  ) {}

  @Tokenless()
  @Post()
  @ApiOperation({
    summary: 'Take a signed event of a payment provider',
    description: 'Signed according to the Standard Webhooks specification.',
  })
  @Takes(providerWebhook)
  @Answers(204, null, 'Taken')
  @Refuses(401, 'invalid_signature')
  @Refuses(404, 'unknown_provider')
  async take(
    @Param('provider') provider: string,
    @Headers() headers: Record<string, string | undefined>,
    @Req() request: WebhookRequest,
    @Body() body: unknown,
    @Trace() trace: Trace,
  ): Promise<void> {
    if (provider !== 'sandbox') {
      throw new Problem(404, 'unknown_provider', 'there is no such payment provider');
    }
    this.checkSignature(headers, request.rawBody);
    const event = providerWebhook.parse(body);
    if (event.id !== headers['webhook-id']) {
      throw new Problem(400, 'invalid_request', 'the header webhook-id names another event');
    }
    await this.submit(event, trace);
  }

  private checkSignature(headers: Record<string, string | undefined>, body?: Buffer): void {
    const signed = isSigned(
      {
        id: headers['webhook-id'],
        timestamp: headers['webhook-timestamp'],
        signature: headers['webhook-signature'],
        body,
      },
      this.config.webhookSecrets,
      this.clock.now(),
    );
    if (signed) return;
    throw new Problem(401, 'invalid_signature', 'the webhook is not signed by us, or too old');
  }

  private async submit(
    { id, type, createdAt, data }: ProviderWebhook,
    trace: Trace,
  ): Promise<void> {
    const known = knownEventType.safeParse(type);
    // A newer event type, or a charge of another shop: accepted, so that the provider does not repeat it.
    const order = givenOrderId.safeParse(data.orderId);
    if (!known.success || !order.success) return;
    const told = { ...data, orderId: order.data };
    const event = { eventId: id, type: known.data, at: createdAt, ...told };
    await this.submitter.submit(TakeProviderEvent(event), {
      ...trace,
      id: messageId(event, this.clock.now()),
    });
  }
}

const oldest = 24 * 60 * 60 * 1_000;

/**
 * The same event always gets the same message id, and another event with the same event id gets another one. The message id
 * contains the event's time, because the inbox is kept by time. An event older than a day gets today's time, and is
 * recognised by what payment has stored about it.
 */
function messageId(event: ProviderEvent, now: Date): string {
  const age = now.getTime() - Date.parse(event.at);
  const time = newId(Math.abs(age) > oldest ? now : new Date(event.at)).slice(0, 13);
  return derivedId(`${time}-7000-8000-000000000000`, `provider-event/${flagIdOf(event)}`);
}
