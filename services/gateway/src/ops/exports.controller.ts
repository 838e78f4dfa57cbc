import { Body, Controller, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, auditName, Caller, Refuses, Roles } from '@waybill/http';
import { exportRequest, type Job, jobAnswer, SystemOperations } from '@waybill/service';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

/** What can be exported, and by which service. */
const owners = {
  orders: 'order',
  windows: 'analytics',
  sessions: 'analytics',
  order_times: 'analytics',
} as const;
const kinds = Object.keys(owners) as (keyof typeof owners)[];

const exportBody = exportRequest(z.enum(kinds).meta({ id: 'ExportKind' }));
type ExportBody = z.output<typeof exportBody>;

/** Files of orders, and of what visitors do, for other systems. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1/exports')
export class ExportsController {
  constructor(private readonly operations: SystemOperations) {}

  @Post()
  @ApiOperation({
    summary: 'Export orders, windows, sessions or the times of orders as a file',
    description:
      'Of what was placed or has begun from `from` on and before `to`, which is now unless it is earlier: each as it is when it is read. ' +
      'The file of `orders` has a row for each line of an order; `order_times` are what analytics knows of orders: when each was placed and ' +
      'settled, and its outcome. The job has the `url` of the file.',
  })
  @Answers(202, jobAnswer, 'The job; Location is where to look')
  @Refuses(503, 'unavailable')
  async request(
    @Body({ schema: exportBody }) request: ExportBody,
    @Caller() caller: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Job> {
    const job = await this.operations.export(owners[request.kind], request, auditName(caller));
    void reply.header('location', `/api/v1/jobs/${job.id}`);
    return job;
  }
}
