import { Body, Controller, Headers, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { derivedId, newId } from '@waybill/contracts';
import { Answers, Problem, Refuses, Takes, Tokenless } from '@waybill/http';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { z } from 'zod';
import { flagIdOf, type ProviderEvent } from '../domain/provider-event.ts';
import { TakeProviderEvent } from '../messages/payment.local.ts';
import { PROVIDER_WEBHOOKS } from '../payment.tokens.ts';
import { providerWebhook, stripeWebhook } from './payment.schema.ts';
import type { ProviderWebhooks, WebhookRequest } from './provider-webhooks.ts';

/** Webhooks of payment providers, authenticated only by their signature. */
@ApiTags('Payments')
@Controller('api/v1/payments/:provider/webhooks')
export class ProviderWebhookController {
  constructor(
    private readonly submitter: Submitter,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(PROVIDER_WEBHOOKS) private readonly webhooks: ProviderWebhooks,
  ) {}

  @Tokenless()
  @Post()
  @ApiOperation({
    summary: 'Take a signed event of the payment provider',
    description:
      'Of `sandbox`, signed according to the Standard Webhooks specification, or of `stripe` by its own scheme and in its own form (`Stripe-Signature`): whichever is configured.',
  })
  @Takes(z.union([providerWebhook, stripeWebhook]))
  @Answers(204, null, 'Taken')
  @Refuses(401, 'invalid_signature')
  @Refuses(404, 'unknown_provider')
  async take(
    @Param('provider') provider: string,
    @Headers() headers: WebhookRequest['headers'],
    @Req() { rawBody }: Pick<WebhookRequest, 'rawBody'>,
    @Body() body: unknown,
    @Trace() trace: Trace,
  ): Promise<void> {
    if (provider !== this.webhooks.provider) {
      throw new Problem(404, 'unknown_provider', 'there is no such payment provider');
    }
    const request = { headers, rawBody, body };
    if (!this.webhooks.isSigned(request, this.clock.now())) {
      throw new Problem(401, 'invalid_signature', 'the webhook is not signed by us, or too old');
    }
    const event = await this.webhooks.eventOf(request);
    // What we cannot use is accepted, so that the provider does not repeat it.
    if (!event) return;
    const id = messageId(event, this.clock.now());
    await this.submitter.submit(TakeProviderEvent(event), { ...trace, id });
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
