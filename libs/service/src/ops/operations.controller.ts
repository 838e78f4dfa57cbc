import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Internal } from '../auth/caller.ts';
import type { ChannelReport } from './channels.ts';
import type { JourneyRow } from './journey.ts';
import { OPERATIONS, type Operations } from './operations.ts';

const keyed = z.strictObject({ key: z.string().min(1).max(255) });

/** The operations of a service for a gateway in another process; a service token opens them. */
@ApiExcludeController()
@Internal()
@Controller('internal')
export class OperationsController {
  constructor(@Inject(OPERATIONS) private readonly operations: Operations) {}

  @Get('channels')
  channels(): Promise<readonly ChannelReport[]> {
    return this.operations.channels();
  }

  @Get('journey')
  journey(
    @Query({ schema: keyed }) { key }: z.output<typeof keyed>,
  ): Promise<readonly JourneyRow[]> {
    return this.operations.journey(key);
  }
}
