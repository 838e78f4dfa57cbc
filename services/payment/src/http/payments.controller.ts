import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { orderId } from '@waybill/contracts';
import {
  Answers,
  type Page,
  Problem,
  page,
  paging,
  Refuses,
  Roles,
  readCursor,
} from '@waybill/service';
import { z } from 'zod';
import {
  PaymentRepository,
  type PaymentSummary,
  type PaymentView,
} from '../storage/payment.repository.ts';
import { paymentPage, paymentView } from './payment.schema.ts';

const unsettledQuery = z.strictObject({ ...paging, state: z.literal('unsettled') });
const place = z.strictObject({ since: z.iso.datetime(), orderId });

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
    const after = readCursor(query.cursor, place);
    const found = await this.payments.unsettled(query.limit + 1, after);
    return page(found, query.limit, (last) => ({
      since: last.unsettledSince,
      orderId: last.orderId,
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
