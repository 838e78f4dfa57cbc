import { Body, Controller, Headers, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { derivedId, givenInstant, newId, text } from '@waybill/contracts';
import { Answers, Problem, Refuses, Takes, Tokenless } from '@waybill/http';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { LOGGER, type Log, Trace, traceFields } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import { isSigned, type SignedRequest } from '@waybill/webhooks';
import { z } from 'zod';
import { Carriers } from '../clients/carrier.ts';
import { type CarrierFact, type FactFate, factFates } from '../domain/carrier-facts.ts';
import { moves, parcelOf } from '../domain/shipment.ts';
import { TakeCarrierFact } from '../messages/shipping.local.ts';
import type { ShippingConfig } from '../shipping.config.ts';

/** Carriers may add fields; the signature, not the shape, authenticates them. */
const webhookBody = z.object({
  type: z.literal('shipment.moved'),
  data: z.object({
    carrier: text(1, 60),
    operationId: text(1, 200),
    trackingNumber: text(1, 60),
    status: z.enum(moves),
    at: givenInstant,
  }),
});
type WebhookBody = z.output<typeof webhookBody>;

const taken = z.strictObject({ fate: z.enum(factFates).exclude(['unknown']) });

const webhookId = /^[\w.-]{1,200}$/;

/** Webhooks of carriers about parcels. */
@ApiTags('Shipping')
@Controller('api/v1/carriers')
export class CarrierWebhookController {
  constructor(
    private readonly carriers: Carriers,
    private readonly submitter: Submitter,
    @Inject(CONFIG) private readonly config: ShippingConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  @Tokenless()
  @Post(':carrier/webhooks')
  @ApiOperation({
    summary: 'Take a signed event of a carrier: it moves a shipment on',
    description: 'Signed according to the Standard Webhooks specification.',
  })
  @Takes(webhookBody)
  @Answers(
    202,
    taken,
    'Taken: applied, held until what must come before it, known already, or kept for a person because it contradicts what has happened',
  )
  @Refuses(401, 'invalid_signature')
  @Refuses(404, 'unknown_carrier', 'unknown_shipment')
  @Refuses(422, 'invalid_webhook')
  async take(
    @Param('carrier') carrier: string,
    @Headers('webhook-id') id: string | undefined,
    @Req() request: SignedRequest,
    @Body() body: unknown,
    @Trace() trace: Trace,
  ): Promise<{ fate: FactFate }> {
    if (!this.carriers.has(carrier)) {
      throw new Problem(404, 'unknown_carrier', 'there is no such carrier');
    }
    if (!isSigned(request, this.config.webhookSecrets, this.clock.now())) {
      throw new Problem(401, 'invalid_signature', 'the webhook is not signed by this carrier');
    }
    return this.submit(carrier, id ?? '', webhookBody.parse(body), trace);
  }

  private async submit(carrier: string, id: string, { data }: WebhookBody, trace: Trace) {
    const parcel = parcelOf(data.operationId);
    if (!webhookId.test(id) || data.carrier !== carrier) {
      throw new Problem(422, 'invalid_webhook', 'the webhook contradicts itself');
    }
    if (parcel === undefined) throw unknownShipment();
    const { trackingNumber, status, at } = data;
    const { orderId, number } = parcel;
    const fact = { orderId, parcel: number, carrier, trackingNumber, status, at };
    const { fate } = await this.submitter.submit<{ fate: FactFate }>(TakeCarrierFact(fact), {
      ...trace,
      id: messageId(id, fact, this.clock.now()),
    });
    if (fate === 'unknown') throw unknownShipment();
    if (fate === 'contradicts') {
      const told = { ...fact, ...traceFields(trace) };
      this.log.warn(told, 'a carrier reported a move that can never be applied');
    }
    return { fate };
  }
}

const unknownShipment = (): Problem =>
  new Problem(404, 'unknown_shipment', 'there is no shipment with this operation and number');

const oldest = 24 * 60 * 60 * 1_000;

/**
 * The same webhook gets the same message id, so that it counts once; a webhook with other content under its id gets another.
 * The inbox is kept by the time in the id: a fact older than a day gets today's time, and is recognised by the shipment
 * itself.
 */
function messageId(webhook: string, fact: CarrierFact & { orderId: string }, now: Date): string {
  const { orderId, carrier, trackingNumber, status, at } = fact;
  const age = now.getTime() - Date.parse(at);
  const time = Math.abs(age) > oldest ? now : new Date(at);
  const told = [webhook, orderId, carrier, trackingNumber, status, at].join('/');
  return derivedId(newId(time).slice(0, 13), `carrier-webhook/${told}`);
}
