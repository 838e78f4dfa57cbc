import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { givenInstant, text } from '@waybill/contracts';
import { Answers, paging, Roles } from '@waybill/http';
import { SystemAudit } from '@waybill/service';
import { z } from 'zod';
import { auditPageAnswer } from './operations.schema.ts';

const listed = z.strictObject({
  operator: text(1, 320).optional(),
  action: text(1, 500)
    .optional()
    .meta({ description: 'The beginning of the action, such as `POST /api/v1/returns`' }),
  since: givenInstant.optional(),
  ...paging,
});

/** What operators did, in the whole system. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1/audit')
export class AuditController {
  constructor(private readonly audit: SystemAudit) {}

  @Get()
  @ApiOperation({
    summary: 'What operators did, newest first',
    description:
      'Every request of an operator that changes something or gives a `reason` is stored before it begins, and its status when it ' +
      'has ended. It has no data of the request but the subject, from the path, and the reason.',
  })
  @Answers(200, auditPageAnswer, 'A page')
  list(@Query({ schema: listed }) { limit, cursor, ...filter }: z.output<typeof listed>) {
    return this.audit.list(filter, limit, cursor);
  }
}
