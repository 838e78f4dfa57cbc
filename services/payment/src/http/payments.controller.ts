import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, orderId } from '@waybill/contracts';
import { Answers, type Page, PagedList, Problem, paging, Refuses, Roles } from '@waybill/service';
import { z } from 'zod';
import {
  PaymentRepository,
  type PaymentSummary,
  type PaymentView,
} from '../storage/payment.repository.ts';
import { paymentPage, paymentView } from './payment.schema.ts';

const unsettledQuery = z.strictObject({ ...paging, state: z.literal('unsettled') });
const oldestUnsettled = new PagedList(
  'unsettled-payments',
  z.strictObject({ since: givenInstant, orderId }),
);

/** Payments as operators see them. */
@ApiTags('Payments')
@Roles('operator')
@Controller('api/v1/payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentRepository) {}

  @Get()
  @ApiOperation({ summary: 'Payments whose void the provider has not settled, oldest first' })
  @Answers(200, paymentPage, 'A page')
  async list(
    @Query({ schema: unsettledQuery }) query: z.output<typeof unsettledQuery>,
  ): Promise<Page<PaymentSummary>> {
    const { after, take, page } = oldestUnsettled.read(query);
    const found = await this.payments.unsettled(take, after);
    return page(found, ({ unsettledSince, orderId }) => ({
      since: unsettledSince as string,
      orderId,
    }));
  }

  @Get(':orderId')
  @ApiOperation({ summary: 'The payment of an order: its ledger, and what the provider said' })
  @Answers(200, paymentView, 'The payment')
  @Refuses(404, 'unknown_payment')
  async read(@Param('orderId', { schema: orderId }) id: string): Promise<PaymentView> {
    const found = await this.payments.find(id);
    if (!found) throw new Problem(404, 'unknown_payment', `order ${id} has no payment`);
    return found;
  }
}
