import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, givenOrderId, orderId } from '@waybill/contracts';
import { Answers, type Page, PagedList, Problem, paging, Refuses, Roles } from '@waybill/http';
import { z } from 'zod';
import { flagKinds } from '../domain/payment-flag.ts';
import { PaymentRepository } from '../storage/payment.repository.ts';
import type { ListedFlag, PaymentSummary, PaymentView } from '../storage/payment.views.ts';
import { flagPage, paymentPage, paymentView } from './payment.schema.ts';

const stateQuery = z.strictObject({ ...paging, state: z.enum(['unsettled', 'disputed']) });
const flagQuery = z.strictObject({ ...paging, flag: z.enum(flagKinds).optional() });
const longestFirst = new PagedList('payments', z.strictObject({ since: givenInstant, orderId }));
const newestFlags = new PagedList(
  'payment-flags',
  z.strictObject({ at: givenInstant, mark: z.string().regex(/^[0-9a-f]{32}$/) }),
);

/** Payments as shown to operators. */
@ApiTags('Payments')
@Roles('operator')
@Controller('api/v1/payments')
export class PaymentsController {
  constructor(private readonly payments: PaymentRepository) {}

  @Get()
  @ApiOperation({
    summary:
      'Payments whose void the provider has not settled, or that somebody disputes; the longest first',
  })
  @Answers(200, paymentPage, 'A page')
  async list(
    @Query({ schema: stateQuery }) query: z.output<typeof stateQuery>,
  ): Promise<Page<PaymentSummary>> {
    const { state } = query;
    const { after, take, page } = longestFirst.read(query, { state });
    const { items, nextCursor } = page(await this.payments[state](take, after), (last) => ({
      since: last.since,
      orderId: last.payment.orderId,
    }));
    return { items: items.map(({ payment }) => payment), nextCursor };
  }

  @Get('flags')
  @ApiOperation({
    summary:
      'What a person should look at, the newest first; also of orders that have no payment here',
  })
  @Answers(200, flagPage, 'A page')
  async flags(
    @Query({ schema: flagQuery }) query: z.output<typeof flagQuery>,
  ): Promise<Page<ListedFlag>> {
    const { flag } = query;
    const { after, take, page } = newestFlags.read(query, { flag });
    const { items, nextCursor } = page(
      await this.payments.flags({ flag }, take, after),
      (last) => last.place,
    );
    return { items: items.map((each) => each.flag), nextCursor };
  }

  @Get(':orderId')
  @ApiOperation({ summary: 'The payment of an order: its ledger, and the reports of the provider' })
  @Answers(200, paymentView, 'The payment')
  @Refuses(404, 'unknown_payment')
  async read(@Param('orderId', { schema: givenOrderId }) id: string): Promise<PaymentView> {
    const found = await this.payments.find(id);
    if (!found) throw new Problem(404, 'unknown_payment', `order ${id} has no payment`);
    return found;
  }
}
