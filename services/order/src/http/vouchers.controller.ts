import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, type Page, PagedList, Problem, Refuses, Roles } from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { CONFIG } from '@waybill/service';
import type { Voucher } from '../domain/voucher.ts';
import { CreateVoucher, DisableVoucher } from '../messages/voucher.local.ts';
import type { OrderConfig } from '../order.config.ts';
import { VoucherRepository } from '../storage/voucher.repository.ts';
import {
  type CreateVoucherBody,
  createVoucher,
  type ListVouchers,
  listVouchersQuery,
  termsOf,
  type VoucherView,
  voucherAnswer,
  voucherCode,
  voucherPageAnswer,
  voucherView,
} from './vouchers.schema.ts';

/** The method needed to set a header of a response. */
interface Answer {
  header(name: string, value: string): unknown;
}

const vouchersByCode = new PagedList('vouchers', voucherCode);

/** Vouchers, for operators. */
@ApiTags('Vouchers')
@Roles('operator')
@Controller('api/v1/vouchers')
export class VouchersController {
  constructor(
    private readonly vouchers: VoucherRepository,
    private readonly submitter: Submitter,
    @Inject(CONFIG) private readonly config: OrderConfig,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create a voucher; its terms never change, and it can be disabled.',
    description:
      'An order with its code gets `percent` of the subtotal off, or `amount`, before tax: the discount is divided among the lines in ' +
      'proportion to their totals, and lowers the net amount of their tax classes. Shipping is never discounted.',
  })
  @Answers(201, voucherAnswer, 'Created; Location is where to look')
  @Refuses(409, 'voucher_exists')
  @Refuses(422, 'wrong_currency')
  async create(
    @Body({ schema: createVoucher }) body: CreateVoucherBody,
    @Res({ passthrough: true }) answer: Answer,
    @Trace() trace: Trace,
  ): Promise<VoucherView> {
    const terms = termsOf(body, this.config.shopCurrency);
    const voucher = await this.submitter.submit<Voucher>(CreateVoucher(terms), trace);
    answer.header('location', `/api/v1/vouchers/${voucher.code}`);
    return voucherView(voucher);
  }

  @Get()
  @ApiOperation({ summary: 'Vouchers by code' })
  @Answers(200, voucherPageAnswer, 'A page')
  async list(
    @Query({ schema: listVouchersQuery }) query: ListVouchers,
  ): Promise<Page<VoucherView>> {
    const { after, take, page } = vouchersByCode.read(query);
    const found = await this.vouchers.list(take, after);
    return page(found.map(voucherView), (last) => last.code);
  }

  @Get(':code')
  @ApiOperation({ summary: 'One voucher, with the number of its uses' })
  @Answers(200, voucherAnswer, 'The voucher')
  @Refuses(404, 'not_found')
  async find(@Param('code', { schema: voucherCode }) code: string): Promise<VoucherView> {
    const found = await this.vouchers.find(code);
    if (!found) throw new Problem(404, 'not_found', `there is no voucher ${code}`);
    return voucherView(found);
  }

  @Post(':code/disable')
  @ApiOperation({ summary: 'Let no more orders use it; disabling it again has no effect.' })
  @Answers(200, voucherAnswer, 'The voucher')
  @Refuses(404, 'not_found')
  async disable(
    @Param('code', { schema: voucherCode }) code: string,
    @Trace() trace: Trace,
  ): Promise<VoucherView> {
    return voucherView(await this.submitter.submit<Voucher>(DisableVoucher({ code }), trace));
  }
}
