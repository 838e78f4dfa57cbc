import { Body, Controller, Delete, Get, Param, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { enteredLine } from '@waybill/contracts';
import { Answers, AnswersAs, auditName, Caller, paging, Refuses, Roles } from '@waybill/http';
import { jobAnswer, SystemOperations } from '@waybill/service';
import { z } from 'zod';
import {
  deadLetterAnswer,
  deadLetterAuditAnswer,
  deadLetterPageAnswer,
  redrivenAnswer,
  redrivesAnswer,
} from './operations.schema.ts';

const word = z.string().min(1).max(255);
const filter = { channel: word.optional(), type: word.optional(), handler: word.optional() };
const listed = z.strictObject({ ...filter, ...paging });
const audited = z.strictObject(paging);
/** The reason for reading the original is required. */
const originalQuery = z.strictObject({ reason: enteredLine(1, 500) });
const redriven = z.strictObject({ data: z.unknown().optional() }).optional();
const rateRule = 'is a number above 0, at most 1000';
const redrivenMany = z.strictObject({
  filter: z.strictObject(filter),
  ratePerSecond: z
    .number(rateRule)
    .positive(rateRule)
    .max(1_000, rateRule)
    .default(50)
    .meta({ description: 'How many are redriven a second, over all services' }),
});

/** The dead letters of all services in one list; every action on them is audited. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly operations: SystemOperations) {}

  @Get()
  @ApiOperation({ summary: 'Dead letters, newest first' })
  @Answers(200, deadLetterPageAnswer, 'A page')
  list(@Query({ schema: listed }) query: z.output<typeof listed>) {
    const { limit, cursor, ...wanted } = query;
    return this.operations.deadLetters(wanted, limit, cursor);
  }

  @Get('redrives')
  @ApiOperation({ summary: 'The ten redrives of many that were begun last, newest first' })
  @Answers(200, redrivesAnswer, 'All of them')
  async redrives() {
    return { ...(await this.operations.latestRedrives()), nextCursor: null };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'One dead letter: its message, attempts and cause, masked where it is personal',
    description: 'The bytes as they came are at `/original`.',
  })
  @Answers(200, deadLetterAnswer, 'The dead letter')
  @Refuses(404, 'no_such_dead_letter')
  @Refuses(503, 'unavailable')
  read(@Param('id', { schema: word }) id: string) {
    return this.operations.deadLetter(id);
  }

  @Get(':id/original')
  @ApiOperation({
    summary: 'The bytes of a dead letter as they came, with nothing masked',
    description: 'Who reads them, when and for what reason is in the audit of the dead letter.',
  })
  @AnswersAs('application/octet-stream', 'The bytes')
  @Refuses(404, 'no_such_dead_letter')
  @Refuses(503, 'unavailable')
  async original(
    @Param('id', { schema: word }) id: string,
    @Query({ schema: originalQuery }) { reason }: z.output<typeof originalQuery>,
    @Caller() caller: Caller,
  ): Promise<StreamableFile> {
    const bytes = await this.operations.original(id, { by: auditName(caller), reason });
    return new StreamableFile(bytes, {
      type: 'application/octet-stream',
      length: bytes.length,
      disposition: `attachment; filename="${id}.bin"`,
    });
  }

  @Get(':id/audit')
  @ApiOperation({
    summary: 'Who has redriven, discarded or read it, the oldest first; also when it is gone',
  })
  @Answers(200, deadLetterAuditAnswer, 'A page')
  @Refuses(404, 'no_such_dead_letter')
  @Refuses(503, 'unavailable')
  audit(
    @Param('id', { schema: word }) id: string,
    @Query({ schema: audited }) { limit, cursor }: z.output<typeof audited>,
  ) {
    return this.operations.deadLetterAudit(id, limit, cursor);
  }

  @Post('redrive')
  @ApiOperation({
    summary: 'Redrive all that fit the filter, so many a second, as a job',
    description:
      'What becomes a dead letter later is not part of it. It continues after a restart. `GET /api/v1/jobs/{id}` has its progress.',
  })
  @Answers(202, jobAnswer, 'The job')
  @Refuses(503, 'unavailable')
  redriveMany(
    @Body({ schema: redrivenMany }) body: z.output<typeof redrivenMany>,
    @Caller() caller: Caller,
  ) {
    return this.operations.redriveMany({ ...body, by: auditName(caller) });
  }

  @Post(':id/redrive')
  @ApiOperation({ summary: 'Handle it again, with changed data if given' })
  @Answers(202, redrivenAnswer, 'It is handled again')
  @Refuses(404, 'no_such_dead_letter')
  @Refuses(409, 'not_redrivable')
  @Refuses(422, 'invalid_message')
  @Refuses(503, 'unavailable')
  async redrive(
    @Param('id', { schema: word }) id: string,
    @Body({ schema: redriven }) body: z.output<typeof redriven>,
    @Caller() caller: Caller,
  ) {
    const edited = body && 'data' in body ? { data: body.data } : {};
    await this.operations.redrive(id, { by: auditName(caller), ...edited });
    return { id, status: 'redriven' };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Discard it for good' })
  @Answers(204, null, 'It is gone')
  @Refuses(404, 'no_such_dead_letter')
  @Refuses(503, 'unavailable')
  async discard(
    @Param('id', { schema: word }) id: string,
    @Caller() caller: Caller,
  ): Promise<void> {
    await this.operations.discard(id, auditName(caller));
  }
}
