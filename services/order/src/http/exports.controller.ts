import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { fileFormats } from '@waybill/exports';
import { AnswersAs, Caller, Problem, Refuses, Roles, type Wish } from '@waybill/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type ExportRow, exportColumns, rowsOf } from '../domain/exported-order.ts';
import type { OrderExport } from '../storage/order-export.entity.ts';
import { OrderExportRepository } from '../storage/order-export.repository.ts';
import { type ExportFileQuery, exportFileQuery } from './exports.schema.ts';
import { PersonalOrders } from './personal-orders.ts';

/** Files of orders for other systems. */
@ApiTags('Orders')
@Roles('operator')
@Controller('api/v1/exports')
export class ExportsController {
  constructor(
    private readonly exports: OrderExportRepository,
    private readonly personal: PersonalOrders,
  ) {}

  @Get(':id/file')
  @ApiOperation({
    summary: 'The file of an export, once its job is done',
    description:
      'A row for each line of an order: what belongs to the order is in each of its rows. Amounts are in minor units. Personal data ' +
      'are masked, unless a reason is given.',
  })
  @AnswersAs(['text/csv', 'application/vnd.apache.parquet'], 'The file')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_finished')
  async file(
    @Param('id', { schema: z.uuid() }) id: string,
    @Query({ schema: exportFileQuery }) { reason }: ExportFileQuery,
    @Caller() caller: Caller,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.exports.find(id);
    if (!found) throw new Problem(404, 'not_found', `there is no export ${id}`);
    if (!found.finishedAt) throw new Problem(409, 'not_finished', `export ${id} is not finished`);
    const { type, write } = fileFormats[found.format];
    const name = `orders-${found.startedAt.slice(0, 10)}.${found.format}`;
    await reply
      .type(type)
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Readable.from(write(exportColumns, this.rows(found, { caller, reason }))));
  }

  private async *rows(file: OrderExport, wish: Wish): AsyncGenerator<readonly ExportRow[]> {
    for await (const orders of this.exports.pages(file)) {
      const rows = orders.map(async (order) => {
        const { shippingAddress, note } = await this.personal.of(order, wish);
        // Both are plain: masked, or decrypted.
        return rowsOf(order, shippingAddress as never, note as string | null);
      });
      yield (await Promise.all(rows)).flat();
    }
  }
}
