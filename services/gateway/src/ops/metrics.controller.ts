import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Roles } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { type MetricsSummary, SystemOperations } from '@waybill/service';
import { metricsAnswer } from './metrics.schema.ts';

/** What happened to the messages of the system, in numbers. */
@ApiTags('Operations')
@Controller('api/v1/metrics')
export class MetricsController {
  constructor(
    private readonly operations: SystemOperations,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('summary')
  @Roles('operator')
  @ApiOperation({
    summary: 'What was produced and consumed on each channel, how fast, and what failed',
    description:
      'Counts begin when a process starts, and are those of all processes that answered. Rates are those of the last minute.',
  })
  @Answers(200, metricsAnswer, 'The numbers')
  summary(): Promise<MetricsSummary> {
    return this.operations.metricsSummary(this.clock.now());
  }
}
