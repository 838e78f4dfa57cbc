import { Body, Controller, Get, HttpCode, Inject, Param, Put, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { text } from '@waybill/contracts';
import { Internal } from '@waybill/http';
import { z } from 'zod';
import type { Job } from '../ops/jobs.ts';
import { OPERATIONS, type Operations } from '../ops/operations.ts';

const word = text(1, 255);
const filter = z.strictObject({
  channel: word.optional(),
  type: word.optional(),
  handler: word.optional(),
});
const begun = z.strictObject({
  filter,
  by: text(1, 320),
  ratePerSecond: z.number().positive().max(1_000),
});

/** Redrives of many dead letters, for a gateway in another process; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class RedrivesController {
  constructor(@Inject(OPERATIONS) private readonly operations: Operations) {}

  @Get('redrivable')
  async count(@Query({ schema: filter }) query: z.output<typeof filter>) {
    return { count: await this.operations.redrives.count(query) };
  }

  @Get('redrives')
  latest(): Promise<readonly Job[]> {
    return this.operations.redrives.latest();
  }

  @Put('redrives/:id')
  @HttpCode(204)
  begin(
    @Param('id', { schema: z.uuid() }) id: string,
    @Body({ schema: begun }) body: z.output<typeof begun>,
  ): Promise<void> {
    return this.operations.redrives.begin(id, body);
  }
}
