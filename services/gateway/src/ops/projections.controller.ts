import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Answers, auditName, Caller, Refuses, Roles } from '@waybill/http';
import { jobAnswer, SystemOperations } from '@waybill/service';
import { projectionPageAnswer } from './operations.schema.ts';

const word = text(1, 255);

/** The read models of all services, and the jobs that build them again. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1')
export class ProjectionsController {
  constructor(private readonly operations: SystemOperations) {}

  @Get('projections')
  @ApiOperation({ summary: 'Every projection, with how far it is behind its events' })
  @Answers(200, projectionPageAnswer, 'All of them')
  async list() {
    return { ...(await this.operations.projections()), nextCursor: null };
  }

  @Post('projections/:name/rebuild')
  @ApiOperation({
    summary:
      'Build a projection from the first event; it serves as it is until the new one takes over.',
    description: 'While it is being built, the same job is answered.',
  })
  @Answers(202, jobAnswer, 'The job')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_rebuildable')
  @Refuses(503, 'unavailable')
  rebuild(@Param('name', { schema: word }) name: string, @Caller() caller: Caller) {
    return this.operations.rebuild(name, auditName(caller));
  }

  @Get('jobs/:id')
  @ApiOperation({ summary: 'How far a job has come' })
  @Answers(200, jobAnswer, 'The job')
  @Refuses(404, 'not_found')
  @Refuses(503, 'unavailable')
  job(@Param('id', { schema: word }) id: string) {
    return this.operations.job(id);
  }
}
