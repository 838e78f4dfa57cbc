import { Controller, Get, Header, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AnswersAs, Caller, isOperator, Problem, Refuses, type Wish } from '@waybill/http';
import type { Order } from '../domain/order.ts';
import { renderInvoice } from '../invoice/render-invoice.ts';
import type { InvoiceEntity } from '../storage/invoice.entity.ts';
import { InvoiceRepository } from '../storage/invoice.repository.ts';
import { InvoiceWriter } from '../storage/invoice-writer.ts';
import { OrderRepository } from '../storage/order.repository.ts';
import { isPaid } from '../storage/order-documents.ts';
import { type DocumentQuery, documentQuery } from './orders.schema.ts';
import { PersonalOrders } from './personal-orders.ts';
import { visibleOrder } from './visible-order.ts';

/** Invoices and credit notes as PDF, rendered on each read from what was stored when they were issued. */
@ApiTags('Orders')
@Controller('api/v1')
export class InvoicesController {
  constructor(
    private readonly orders: OrderRepository,
    private readonly invoices: InvoiceRepository,
    private readonly writer: InvoiceWriter,
    private readonly personal: PersonalOrders,
  ) {}

  @Get('orders/:id/invoice.pdf')
  // Browsers' PDF viewers use scripts and styles of their own.
  @Header('content-security-policy', "frame-ancestors 'none'")
  @ApiOperation({
    summary: 'The invoice of an order that was confirmed, as PDF',
    description:
      'Numbers such as 2026-000123 have no gap in a year of the shop. A cancelled order keeps its invoice; its refund has a credit note.',
  })
  @AnswersAs('application/pdf', 'The invoice')
  @Refuses(404, 'not_found', 'no_invoice')
  async invoice(
    @Param('id') id: string,
    @Query({ schema: documentQuery }) { reason }: DocumentQuery,
    @Caller() caller: Caller,
  ): Promise<StreamableFile> {
    const order = await visibleOrder(this.orders, id, caller);
    return this.pdfOf(await this.invoiceOf(order), { caller, reason });
  }

  @Get('credit-notes/:number.pdf')
  @Header('content-security-policy', "frame-ancestors 'none'")
  @ApiOperation({ summary: 'The credit note of a refund, as PDF' })
  @AnswersAs('application/pdf', 'The credit note')
  @Refuses(404, 'not_found')
  async creditNote(
    @Param('number') number: string,
    @Query({ schema: documentQuery }) { reason }: DocumentQuery,
    @Caller() caller: Caller,
  ): Promise<StreamableFile> {
    const found = isNumber.test(number) ? await this.invoices.creditNote(number) : undefined;
    if (found && (found.customerId === caller.id || isOperator(caller)))
      return this.pdfOf(found, { caller, reason });
    throw new Problem(404, 'not_found', `there is no credit note ${number.slice(0, 40)}`);
  }

  /** An order that has just been confirmed gets its invoice now instead of a moment later. */
  private async invoiceOf(order: Order): Promise<InvoiceEntity> {
    let found = await this.invoices.invoiceOf(order.id);
    if (!found && isPaid(order)) {
      await this.writer.catchUp();
      found = await this.invoices.invoiceOf(order.id);
    }
    if (found) return found;
    const detail = `order ${order.id} is ${order.status} and has no invoice; an order gets one when it is confirmed`;
    throw new Problem(404, 'no_invoice', detail);
  }

  private async pdfOf(
    { document, customerId }: InvoiceEntity,
    wish: Wish,
  ): Promise<StreamableFile> {
    const buyer = await this.personal.buyer(document, customerId, wish);
    return new StreamableFile(await renderInvoice(document, buyer), {
      type: 'application/pdf',
      disposition: `inline; filename="${document.series.replace('_', '-')}-${document.number}.pdf"`,
    });
  }
}

const isNumber = /^C\d{4}-\d{6,12}$/;
