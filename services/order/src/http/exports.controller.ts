import { Readable } from 'node:stream';
import { Body, Controller, Get, Inject, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { newId } from '@waybill/contracts';
import {
  Answers,
  AnswersAs,
  auditName,
  Caller,
  Problem,
  Refuses,
  Roles,
  type Wish,
} from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { type Job, Jobs, jobAnswer } from '@waybill/service';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type ExportRow, rowsOf } from '../domain/exported-order.ts';
import { csvFile } from '../export/csv-file.ts';
import { jobOf } from '../export/order-exporter.ts';
import { parquetFile } from '../export/parquet-file.ts';
import type { OrderExport } from '../storage/order-export.entity.ts';
import { OrderExportRepository } from '../storage/order-export.repository.ts';
import {
  type ExportBody,
  type ExportFileQuery,
  exportBody,
  exportFileQuery,
} from './exports.schema.ts';
import { PersonalOrders } from './personal-orders.ts';

const files = {
  csv: { type: 'text/csv; charset=utf-8', write: csvFile },
  parquet: { type: 'application/vnd.apache.parquet', write: parquetFile },
};

/** Files of orders for other systems. */
@ApiTags('Orders')
@Roles('operator')
@Controller('api/v1/exports')
export class ExportsController {
  constructor(
    private readonly exports: OrderExportRepository,
    private readonly personal: PersonalOrders,
    private readonly jobs: Jobs,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Export orders as a file',
    description:
      'All orders that were placed from `from` on and before `to`, which is now unless it is earlier: each as it is when it is read. ' +
      'The file has a row for each line of an order.',
  })
  @Answers(202, jobAnswer, 'The job; Location is where to look')
  async request(
    @Body({ schema: exportBody }) { format, from, to }: ExportBody,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const now = this.clock.now().toISOString();
    const file: OrderExport = {
      id: newId(this.clock.now()),
      format,
      since: from ?? null,
      until: to !== undefined && Date.parse(to) < Date.parse(now) ? to : now,
      requestedBy: auditName(caller),
      startedAt: now,
      finishedAt: null,
      expected: null,
      orders: 0,
      lastOrderId: null,
    };
    await this.exports.add(file);
    const job = this.jobs.of(jobOf(file));
    void reply.header('location', `/api/v1/jobs/${job.id}`);
    return job;
  }

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
    const { type, write } = files[found.format];
    const name = `orders-${found.startedAt.slice(0, 10)}.${found.format}`;
    await reply
      .type(type)
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Readable.from(write(this.rows(id, { caller, reason }))));
  }

  private async *rows(id: string, wish: Wish): AsyncGenerator<readonly ExportRow[]> {
    for await (const orders of this.exports.pages(id)) {
      const rows = orders.map(async (order) => {
        const { shippingAddress, note } = await this.personal.of(order, wish);
        // Both are plain: masked, or decrypted.
        return rowsOf(order, shippingAddress as never, note as string | null);
      });
      yield (await Promise.all(rows)).flat();
    }
  }
}
