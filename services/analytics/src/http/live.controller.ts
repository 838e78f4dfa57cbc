import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { AnswersAs, Caller, EventStreams, Refuses, Roles } from '@waybill/http';
import { CLOCK, type Clock } from '@waybill/messaging';
import { CONFIG } from '@waybill/service';
import type { FastifyReply } from 'fastify';
import type { AnalyticsConfig } from '../analytics.config.ts';
import type { LiveNumbers } from '../storage/live.repository.ts';
import { LiveFeed } from './live-feed.ts';

/** What happens now, as it changes. */
@ApiTags('Analytics')
@Roles('operator')
@Controller('api/v1/analytics/live')
export class LiveController {
  constructor(
    private readonly feed: LiveFeed,
    private readonly streams: EventStreams,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<AnalyticsConfig, 'shopCurrency'>,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'What happens now: server-sent events, one at once and one after each change.',
    description:
      'The data of an event `numbers`: `sessions` with an activity in the last five minutes, `activities` of the last minute, and the orders `placed` ' +
      'and `confirmed` with their `revenue` in this minute and the one before.',
  })
  @AnswersAs('text/event-stream', 'Events `numbers`')
  @Refuses(429, 'too_many_streams')
  @Refuses(503, 'overloaded', 'unavailable')
  async follow(@Caller() caller: Caller, @Res() reply: FastifyReply): Promise<void> {
    const first = await this.feed.current();
    const stream = this.streams.begin(reply, caller);
    const send = ({ revenue, ...numbers }: LiveNumbers): void =>
      stream.send({
        event: 'numbers',
        data: {
          at: this.clock.now().toISOString(),
          ...numbers,
          revenue: { amount: revenue, currency: this.config.shopCurrency },
        },
      });
    send(first);
    stream.onEnd(this.feed.follow(send));
  }
}
