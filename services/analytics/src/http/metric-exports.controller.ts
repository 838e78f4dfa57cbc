import { Readable } from 'node:stream';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type Columns, fileFormats } from '@waybill/exports';
import { AnswersAs, Problem, Refuses, Roles } from '@waybill/http';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { exportedMetrics } from '../domain/exported-metrics.ts';
import { MetricExportRepository } from '../storage/metric-export.repository.ts';

/** Files of windows, sessions and times of orders. */
@ApiTags('Analytics')
@Roles('operator')
@Controller('api/v1/analytics/exports')
export class MetricExportsController {
  constructor(private readonly exports: MetricExportRepository) {}

  @Get(':id/file')
  @ApiOperation({
    summary: 'The file of an export of windows, sessions or times of orders, once its job is done',
    description:
      'Amounts are in minor units. Rows of customers who were erased since are left out.',
  })
  @AnswersAs(['text/csv', 'application/vnd.apache.parquet'], 'The file')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_finished')
  async file(
    @Param('id', { schema: z.uuid() }) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.exports.find(id);
    if (!found) throw new Problem(404, 'not_found', `there is no export ${id}`);
    if (!found.finishedAt) throw new Problem(409, 'not_finished', `export ${id} is not finished`);
    const { type, write } = fileFormats[found.format];
    const columns: Columns = exportedMetrics[found.kind];
    const name = `${found.kind}-${found.startedAt.slice(0, 10)}.${found.format}`;
    await reply
      .type(type)
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Readable.from(write(columns, this.exports.pages(found))));
  }
}
