import { Body, Controller, Get, Headers, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  Caller,
  idempotencyOf,
  PagedList,
  Problem,
  Refuses,
  Roles,
  sendKept,
} from '@waybill/http';
import { Submitter } from '@waybill/messaging';
import { Trace } from '@waybill/observability';
import { CONFIG, ServiceSettings } from '@waybill/service';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Customers } from '../clients/customers.client.ts';
import { type CreditChange, CreditRefused } from '../domain/credit-account.ts';
import { ChangeCredit, type ChangedCredit } from '../messages/credit.local.ts';
import { creditView } from '../messages/credit.view.ts';
import type { PaymentConfig } from '../payment.config.ts';
import { CreditRepository } from '../storage/credit.repository.ts';
import {
  type ChangeCreditBody,
  type CreditPage,
  changeCredit,
  creditAnswer,
  creditPage,
  creditPlace,
  creditQuery,
  customerId,
} from './credit.schema.ts';

const newestEntries = new PagedList('credit-entries', creditPlace);
const idempotencyKey = {
  name: 'Idempotency-Key',
  required: false,
  description: '1 to 255 characters',
};

/** What is sent with a deposit or a withdrawal, besides the body. */
interface Sent {
  readonly caller: Caller;
  readonly key: string | undefined;
  readonly trace: Trace;
  readonly reply: FastifyReply;
}

/** Store credit: customers see theirs, operators change it. */
@ApiTags('Customers')
@Controller('api/v1/customers')
export class CreditController {
  constructor(
    private readonly credit: CreditRepository,
    private readonly submitter: Submitter,
    private readonly customers: Customers,
    @Inject(CONFIG) private readonly config: Pick<PaymentConfig, 'shopCurrency'>,
    private readonly settings: ServiceSettings,
  ) {}

  @Get('me/credit')
  @ApiOperation({
    summary: 'Your store credit, and what changed it, the newest first.',
    description:
      'An order reserves its part of the credit (`reserve`) until it is confirmed or comes to nothing (`unreserve`). The amounts of all ' +
      'items add up to `available`.',
  })
  @Answers(200, creditPage, 'The credit, with a page of its items')
  async own(
    @Query({ schema: creditQuery }) query: z.output<typeof creditQuery>,
    @Caller() { id }: Caller,
  ): Promise<CreditPage> {
    const { after, take, page } = newestEntries.read(query, { id });
    const entries = await this.credit.entries(id, take, after);
    const found = page(entries, ({ at, operationId, kind }) => ({ at, operationId, kind }));
    const items = found.items.map(({ kind, amount, currency, orderId, at }) => ({
      kind: kind as CreditPage['items'][number]['kind'],
      amount: { amount, currency },
      orderId,
      at,
    }));
    const account = await this.credit.find(id);
    const { shopCurrency: currency } = this.config;
    return { ...creditView(account, currency), items, nextCursor: found.nextCursor };
  }

  @Post(':id/credit/deposit')
  @Roles('operator')
  @ApiOperation({
    summary: 'Add to the store credit of a customer.',
    description:
      'Customers of another issuer of tokens have no account, so whether there is such a customer is not checked then.',
  })
  @ApiHeader(idempotencyKey)
  @Answers(200, creditAnswer, 'The credit after it')
  @Refuses(404, 'not_found')
  @Refuses(422, 'wrong_currency', 'balance_too_large', 'idempotency_key_reused')
  async deposit(
    @Param('id', { schema: customerId }) id: string,
    @Body({ schema: changeCredit }) { amount }: ChangeCreditBody,
    @Caller() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Trace() trace: Trace,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.checkId(id);
    await this.customers.check(id, trace);
    const sent = { caller, key, trace, reply };
    return this.change({ customerId: id, kind: 'deposit', amount }, sent);
  }

  @Post(':id/credit/withdraw')
  @Roles('operator')
  @ApiOperation({ summary: 'Take from the store credit of a customer what is available.' })
  @ApiHeader(idempotencyKey)
  @Answers(200, creditAnswer, 'The credit after it')
  @Refuses(409, 'insufficient_credit')
  @Refuses(422, 'wrong_currency', 'idempotency_key_reused')
  withdraw(
    @Param('id', { schema: customerId }) id: string,
    @Body({ schema: changeCredit }) { amount }: ChangeCreditBody,
    @Caller() caller: Caller,
    @Headers('idempotency-key') key: string | undefined,
    @Trace() trace: Trace,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.checkId(id);
    const sent = { caller, key, trace, reply };
    return this.change({ customerId: id, kind: 'withdrawal', amount }, sent);
  }

  private async change(change: CreditChange, { caller, key, trace, reply }: Sent): Promise<void> {
    this.checkCurrency(change);
    const route = `POST /api/v1/customers/{id}/credit/${change.kind}`;
    const idempotency = idempotencyOf(key, caller.id, route, change);
    const { kept, replayed } = await this.submitter.submit<ChangedCredit>(
      ChangeCredit({ ...change, idempotency }),
      trace,
    );
    await sendKept(reply, kept, replayed);
  }

  /** Only another issuer gives ids that are no UUIDs. */
  private checkId(id: string): void {
    if (this.settings.access.issuer !== null || z.uuid().safeParse(id).success) return;
    const errors = [{ path: '/id', message: 'is a UUID' }];
    throw new Problem(400, 'invalid_request', 'the path: /id is a UUID', { errors });
  }

  private checkCurrency({ amount: { currency } }: CreditChange): void {
    const { shopCurrency } = this.config;
    if (currency === shopCurrency) return;
    throw new CreditRefused(
      'wrong_currency',
      `this shop sells in ${shopCurrency}, not ${currency}`,
      '/amount/currency',
    );
  }
}
