import { Body, Controller, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, sku, text } from '@waybill/contracts';
import { Answers, Problem, Refuses, Takes, Tokenless } from '@waybill/http';
import { CLOCK, type Clock, Submitter } from '@waybill/messaging';
import { LOGGER, type Log, Trace, traceFields } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import { isSigned, type SignedRequest } from '@waybill/webhooks';
import { z } from 'zod';
import { type DeliveryFate, deliveryFates } from '../domain/supplier-order.ts';
import type { InventoryConfig } from '../inventory.config.ts';
import { quantityIn, TakeDelivery } from '../messages/inventory.local.ts';

/** Suppliers may add fields; the signature, not the shape, authenticates them. */
const webhookBody = z.object({
  type: z.literal('goods.delivered'),
  data: z.object({
    supplier: text(1, 60),
    requestId: z.uuid(),
    sku: text(1, 40).refine((value) => sku.safeParse(value).success, 'is a SKU'),
    quantity: quantityIn,
    at: givenInstant,
  }),
});

const taken = z.strictObject({ fate: z.enum(deliveryFates).exclude(['unknown']) });

/** Webhooks of suppliers about goods that they have delivered. */
@ApiTags('Stock')
@Controller('api/v1/suppliers')
export class SupplierWebhookController {
  constructor(
    private readonly submitter: Submitter,
    @Inject(CONFIG) private readonly config: InventoryConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Log,
  ) {}

  @Tokenless()
  @Post(':supplier/webhooks')
  @ApiOperation({
    summary: 'Take a signed event of a supplier: the goods of a request are here',
    description: 'Signed according to the Standard Webhooks specification.',
  })
  @Takes(webhookBody)
  @Answers(
    202,
    taken,
    'Taken: applied, known already, or kept for a person because it is not what was ordered',
  )
  @Refuses(401, 'invalid_signature')
  @Refuses(404, 'unknown_supplier', 'unknown_request')
  @Refuses(422, 'invalid_webhook')
  async take(
    @Param('supplier') supplier: string,
    @Req() request: SignedRequest,
    @Body() body: unknown,
    @Trace() trace: Trace,
  ): Promise<{ fate: DeliveryFate }> {
    if (supplier !== this.config.supplier) {
      throw new Problem(404, 'unknown_supplier', 'there is no such supplier');
    }
    if (!isSigned(request, this.config.supplierWebhookSecrets, this.clock.now())) {
      throw new Problem(401, 'invalid_signature', 'the webhook is not signed by this supplier');
    }
    const { at: _, ...delivery } = webhookBody.parse(body).data;
    if (delivery.supplier !== supplier) {
      throw new Problem(422, 'invalid_webhook', 'the webhook contradicts itself');
    }
    // The order itself knows whether a delivery came before, so the message needs no id of its own.
    const { fate } = await this.submitter.submit<{ fate: DeliveryFate }>(
      TakeDelivery(delivery),
      trace,
    );
    if (fate === 'unknown') {
      throw new Problem(404, 'unknown_request', 'no goods were ordered by this request');
    }
    if (fate === 'contradicts') {
      const told = { ...delivery, ...traceFields(trace) };
      this.log.warn(told, 'a supplier reported a delivery that is not what was ordered');
    }
    return { fate };
  }
}
