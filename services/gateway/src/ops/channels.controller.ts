import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, Roles } from '@waybill/http';
import { SystemOperations } from '@waybill/service';
import { channelPageAnswer } from './operations.schema.ts';

/** Every channel and subscription of the system. */
@ApiTags('Operations')
@Controller('api/v1/channels')
export class ChannelsController {
  constructor(private readonly operations: SystemOperations) {}

  @Get()
  @Roles('operator')
  @ApiOperation({ summary: 'Depth, lag, rates and errors of every subscription' })
  @Answers(200, channelPageAnswer, 'All of them')
  async list() {
    return { ...(await this.operations.channels()), nextCursor: null };
  }
}
