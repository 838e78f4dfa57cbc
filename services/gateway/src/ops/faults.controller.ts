import { Body, Controller, Delete, Get, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, auditName, Caller, Refuses, Roles } from '@waybill/http';
import { SystemFaults } from '@waybill/service';
import { z } from 'zod';
import { clearedAnswer, faultAnswer, faultBody, faultPageAnswer } from './faults.schema.ts';

const word = z.string().min(1).max(255);

/** Failures and delays on purpose, for tests and demonstrations. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1/faults')
export class FaultsController {
  constructor(private readonly faults: SystemFaults) {}

  @Get()
  @ApiOperation({ summary: 'Every fault that can be set, and what is set' })
  @Answers(200, faultPageAnswer, 'All of them')
  @Refuses(403, 'forbidden', 'faults_not_allowed')
  async list() {
    return { ...(await this.faults.list()), nextCursor: null };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One fault, and what is set' })
  @Answers(200, faultAnswer, 'The fault as it is now')
  @Refuses(403, 'forbidden', 'faults_not_allowed')
  @Refuses(404, 'unknown_fault')
  @Refuses(503, 'unavailable')
  find(@Param('name', { schema: word }) name: string) {
    return this.faults.find(name);
  }

  @Put(':name')
  @ApiOperation({
    summary:
      'Let calls fail or take longer, messages arrive twice or be overtaken, or a broker be away',
    description:
      'Every replica of the service takes it over within a second. A share and a latency of 0 switch it off. An outage has only a latency, after which it is over.',
  })
  @Answers(200, faultAnswer, 'The fault as it is now')
  @Refuses(403, 'forbidden', 'faults_not_allowed')
  @Refuses(404, 'unknown_fault')
  @Refuses(503, 'unavailable')
  set(
    @Param('name', { schema: word }) name: string,
    @Body({ schema: faultBody }) fault: z.output<typeof faultBody>,
    @Caller() caller: Caller,
  ) {
    return this.faults.set(name, fault, auditName(caller));
  }

  @Delete()
  @ApiOperation({ summary: 'Switch all faults off' })
  @Answers(200, clearedAnswer, 'Which services have no fault any more')
  @Refuses(403, 'forbidden', 'faults_not_allowed')
  @Refuses(503, 'unavailable')
  clear(@Caller() caller: Caller) {
    return this.faults.clear(auditName(caller));
  }
}
