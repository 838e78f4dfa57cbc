import { Controller, Get, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Internal } from '@waybill/http';
import { z } from 'zod';
import {
  AccountActivityRepository,
  type ActivityPage,
} from '../storage/account-activity.repository.ts';

const following = z.strictObject({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});

/** Tells gateways who is inactive; requires a service token. */
@ApiExcludeController()
@Internal()
@Controller('internal/activity')
export class ActivityController {
  constructor(private readonly activity: AccountActivityRepository) {}

  @Get()
  read(@Query({ schema: following }) { after }: z.output<typeof following>): Promise<ActivityPage> {
    return this.activity.after(after);
  }
}
