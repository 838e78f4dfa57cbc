import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Put,
  Query,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { givenInstant, text } from '@waybill/contracts';
import type { AuditEntry, DeadLetter, DeadLetterSummary, Original } from '@waybill/dead-letter';
import { Internal, wholeNumber } from '@waybill/http';
import { z } from 'zod';
import type { AuditedAction } from '../audit/audit-access.ts';
import { type FaultReport, longestLatency } from '../faults/fault-access.ts';
import type { ChannelReport } from './channels.ts';
import { anyExport, type ExportRequest } from './exports.ts';
import type { Job } from './jobs.ts';
import type { JourneyRow } from './journey.ts';
import { OPERATIONS, type Operations } from './operations.ts';
import { mostIds, type PartPage } from './personal-parts.ts';
import type { ProjectionReport } from './projections.ts';
import type { ServiceMetrics } from './service-metrics.ts';

const word = text(1, 255);
/** An e-mail address, or an id. */
const by = text(1, 320);
const filter = { channel: word.optional(), type: word.optional(), handler: word.optional() };
const keyed = z.strictObject({ key: word });
const listed = z.strictObject({
  ...filter,
  // One more than a page, because the gateway must know whether there is another page.
  limit: wholeNumber(1, 201).default(50),
  at: givenInstant.optional(),
  id: word.optional(),
});
const originalRead = z.strictObject({ by, reason: text(1, 500) });
const audited = z.strictObject({
  limit: wholeNumber(1, 201).default(50),
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
});
const redriven = z.strictObject({ by, data: z.unknown().optional() });
const fault = z.strictObject({
  by,
  share: z.number().min(0).max(1),
  latencyMs: z.int().min(0).max(longestLatency),
});
const actor = z.strictObject({ by });
const route = z.string().max(1_000);
const action = z.strictObject({
  id: z.uuid(),
  service: word,
  operator: by,
  action: route,
  subject: route.nullable(),
  reason: z.string().max(500).nullable(),
});
const actionEnd = z.strictObject({
  status: z.int().min(100).max(599),
  subject: route.nullable(),
});
const partRead = z.strictObject({
  subject: text(1, 100),
  about: z.array(word).max(mostIds).optional(),
  after: word.optional(),
});
const auditListed = z.strictObject({
  operator: by.optional(),
  action: route.optional(),
  since: givenInstant.optional(),
  limit: wholeNumber(1, 201).default(50),
  before: z.uuid().optional(),
});

/** The operations of a service, for a gateway in another process; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class OperationsController {
  constructor(@Inject(OPERATIONS) private readonly operations: Operations) {}

  @Get('channels')
  channels(): Promise<readonly ChannelReport[]> {
    return this.operations.channels();
  }

  @Get('metrics')
  metrics(): Promise<readonly ServiceMetrics[]> {
    return this.operations.metrics();
  }

  @Get('journey')
  journey(@Query({ schema: keyed }) query: z.output<typeof keyed>): Promise<readonly JourneyRow[]> {
    return this.operations.journey(query.key);
  }

  @Get('dead-letters')
  list(
    @Query({ schema: listed }) { limit, at, id, ...wanted }: z.output<typeof listed>,
  ): Promise<readonly DeadLetterSummary[]> {
    const after = at !== undefined && id !== undefined ? { at, id } : undefined;
    return this.operations.deadLetters.list(wanted, limit, after);
  }

  @Get('dead-letters/:id')
  read(@Param('id', { schema: word }) id: string): Promise<DeadLetter> {
    return this.operations.deadLetters.read(id);
  }

  /** A POST, because it records who read the message, and why. */
  @Post('dead-letters/:id/original')
  @HttpCode(200)
  original(
    @Param('id', { schema: word }) id: string,
    @Body({ schema: originalRead }) body: z.output<typeof originalRead>,
  ): Promise<Original> {
    return this.operations.deadLetters.original(id, body);
  }

  @Get('dead-letters/:id/audit')
  audit(
    @Param('id', { schema: word }) id: string,
    @Query({ schema: audited }) { limit, after }: z.output<typeof audited>,
  ): Promise<readonly AuditEntry[]> {
    return this.operations.deadLetters.audit(id, limit, after);
  }

  @Post('dead-letters/:id/redrive')
  @HttpCode(204)
  redrive(
    @Param('id', { schema: word }) id: string,
    @Body({ schema: redriven }) body: z.output<typeof redriven>,
  ): Promise<void> {
    return this.operations.deadLetters.redrive(id, body);
  }

  @Delete('dead-letters/:id')
  @HttpCode(204)
  discard(
    @Param('id', { schema: word }) id: string,
    @Query({ schema: actor }) { by }: z.output<typeof actor>,
  ): Promise<void> {
    return this.operations.deadLetters.discard(id, by);
  }

  @Get('faults')
  faults(): Promise<readonly FaultReport[]> {
    return this.operations.faults.list();
  }

  @Put('faults/:name')
  setFault(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: fault }) { by, ...wanted }: z.output<typeof fault>,
  ): Promise<FaultReport> {
    return this.operations.faults.set(name, wanted, by);
  }

  @Delete('faults')
  @HttpCode(204)
  clearFaults(@Query({ schema: actor }) { by }: z.output<typeof actor>): Promise<void> {
    return this.operations.faults.clear(by);
  }

  @Get('audit')
  auditedActions(
    @Query({ schema: auditListed }) { limit, before, ...filter }: z.output<typeof auditListed>,
  ): Promise<readonly AuditedAction[]> {
    return this.operations.audit.list(filter, limit, before);
  }

  /** What an operator begins to do at the gateway, which has no database. */
  @Post('audit')
  @HttpCode(204)
  began(@Body({ schema: action }) body: z.output<typeof action>): Promise<void> {
    return this.operations.audit.began(body);
  }

  @Put('audit/:id')
  @HttpCode(204)
  ended(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: actionEnd }) body: z.output<typeof actionEnd>,
  ): Promise<void> {
    return this.operations.audit.ended(id, body);
  }

  /** A POST, because the ids would make a long URL. */
  @Post('personal-data/:part')
  @HttpCode(200)
  personalData(
    @Param('part', { schema: word }) part: string,
    @Body({ schema: partRead }) { subject, about, after }: z.output<typeof partRead>,
  ): Promise<PartPage> {
    const query = {
      subject,
      ...(about ? { about } : {}),
      ...(after === undefined ? {} : { after }),
    };
    return this.operations.personalData.read(part, query);
  }

  @Get('projections')
  projections(): Promise<readonly ProjectionReport[]> {
    return this.operations.projections.list();
  }

  @Post('projections/:name/rebuild')
  @HttpCode(202)
  rebuild(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: actor }) { by }: z.output<typeof actor>,
  ): Promise<Job> {
    return this.operations.projections.rebuild(name, by);
  }

  @Post('exports')
  @HttpCode(202)
  export(
    @Query({ schema: actor }) { by }: z.output<typeof actor>,
    @Body({ schema: anyExport }) request: ExportRequest,
  ): Promise<Job> {
    return this.operations.exports.begin(request, by);
  }

  @Get('jobs/:id')
  job(@Param('id', { schema: word }) id: string): Promise<Job> {
    return this.operations.jobs.read(id);
  }
}
