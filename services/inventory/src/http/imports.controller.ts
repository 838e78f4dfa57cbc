import { Readable } from 'node:stream';
import { Body, Controller, Get, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Answers,
  AnswersAs,
  auditName,
  Caller,
  Problem,
  Refuses,
  Roles,
  type StreamedBody,
  StreamsBody,
} from '@waybill/http';
import { type Job, Jobs, jobAnswer } from '@waybill/service';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ImportIntake } from '../import/import-intake.ts';
import { jobOf } from '../import/stock-importer.ts';
import { reportHead } from '../messages/import.consumer.ts';
import { StockImportRepository } from '../storage/stock-import.repository.ts';

/** The largest file in bytes: more than a million lines. */
const largestFile = 128 * 1_024 * 1_024;

/** Files of another system about goods that it received. */
@ApiTags('Stock')
@Roles('operator')
@Controller('api/v1/inventory')
export class ImportsController {
  constructor(
    private readonly intake: ImportIntake,
    private readonly imports: StockImportRepository,
    private readonly jobs: Jobs,
  ) {}

  @Post('import')
  @ApiOperation({
    summary: 'Take in the deliveries of a CSV file',
    description:
      'UTF-8, with the header `reference,sku,warehouse,quantity` in any order; cells may be quoted (RFC 4180), and a line ends ' +
      'with its line break. A delivery is known by its reference, product and warehouse, so a file that is imported again, or ' +
      'overlaps another, changes nothing the second time. A line that is refused stops no other.',
  })
  @StreamsBody('text/csv', largestFile)
  @Answers(202, jobAnswer, 'The job; Location is where to look')
  @Refuses(422, 'invalid_header')
  async import(
    @Body() body: StreamedBody,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const job = this.jobs.of(jobOf(await this.intake.receive(body, auditName(caller))));
    void reply.header('location', `/api/v1/jobs/${job.id}`);
    return job;
  }

  @Get('imports/:id/report')
  @ApiOperation({ summary: 'What has happened to each line of a file so far' })
  @AnswersAs(
    'text/csv',
    'line, outcome (received, already_received or refused), reference, field and rule',
  )
  @Refuses(404, 'not_found')
  async report(
    @Param('id', { schema: z.uuid() }) id: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!(await this.imports.find(id))) {
      throw new Problem(404, 'not_found', `there is no import ${id}`);
    }
    const { imports } = this;
    async function* lines(): AsyncGenerator<string> {
      yield reportHead;
      yield* imports.report(id);
    }
    await reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="import-${id}.csv"`)
      .send(Readable.from(lines()));
  }
}
