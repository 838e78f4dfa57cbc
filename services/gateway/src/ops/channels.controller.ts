import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type ChannelReport, Roles } from '@waybill/service';
import { Upstreams } from '../upstream.ts';

/** Every topic, queue and subscription of the system. */
@ApiTags('Operations')
@Controller('api/v1/channels')
export class ChannelsController {
  constructor(private readonly upstreams: Upstreams) {}

  @Get()
  @Roles('operator')
  @ApiOperation({ summary: 'Depth, lag, rates and errors of every subscription' })
  async list(): Promise<{ items: readonly ChannelReport[]; nextCursor: null }> {
    const all = await Promise.all(
      this.upstreams.all.map(({ operations }) => operations.channels()),
    );
    return { items: all.flat(), nextCursor: null };
  }
}
