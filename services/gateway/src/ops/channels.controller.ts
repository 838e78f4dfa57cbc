import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Answers, auditName, Caller, Problem, Refuses, Roles } from '@waybill/http';
import {
  type BrowsedMessage,
  type ChannelDetail,
  type Merged,
  SystemChannels,
  SystemOperations,
} from '@waybill/service';
import type { z } from 'zod';
import {
  browseQuery,
  channelAnswer,
  channelName,
  movedAnswer,
  pausedAnswer,
  purgeBody,
  purgedAnswer,
  resumedAnswer,
  seekBody,
  waitingPageAnswer,
} from './channels.schema.ts';
import { channelPageAnswer } from './operations.schema.ts';

const lookEvery = 250;

/** Every channel and subscription of the system, and what operators do with them. */
@ApiTags('Operations')
@Roles('operator')
@Controller('api/v1/channels')
export class ChannelsController {
  constructor(
    private readonly operations: SystemOperations,
    private readonly channels: SystemChannels,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Depth, lag, rates and errors of every subscription' })
  @Answers(200, channelPageAnswer, 'All of them')
  async list() {
    return { ...(await this.operations.channels()), nextCursor: null };
  }

  @Get(':name')
  @ApiOperation({ summary: 'One channel: its partitions, its subscribers, and what waits' })
  @Answers(200, channelAnswer, 'The channel')
  @Refuses(404, 'not_found')
  @Refuses(503, 'unavailable')
  async read(@Param('name', { schema: channelName }) name: string) {
    return detailOf(await this.channels.find(name));
  }

  @Get(':name/messages')
  @ApiOperation({
    summary: 'Messages that wait for a group, oldest first; none is removed',
    description:
      'With `wait`, the response comes as soon as there is one. RabbitMQ and SQS show messages only by delivering them, so there it is refused.',
  })
  @Answers(200, waitingPageAnswer, 'What waits, masked where it is personal')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_supported')
  @Refuses(503, 'unavailable')
  async messages(
    @Param('name', { schema: channelName }) name: string,
    @Query({ schema: browseQuery }) { limit, wait = 0 }: z.output<typeof browseQuery>,
  ) {
    const found = await this.waiting(name, limit, Date.now() + wait);
    return { ...found, nextCursor: null };
  }

  @Post(':name/pause')
  @ApiOperation({
    summary: 'Consume nothing more of a channel, until it is resumed',
    description:
      'Nothing is lost: messages wait at the broker, and deferred ones in the database. A group stops as a whole, because its ' +
      'channels share their order. Every replica obeys within seconds, and after a restart.',
  })
  @Answers(200, pausedAnswer, 'The groups that stop')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_supported')
  @Refuses(503, 'unavailable')
  async pause(@Param('name', { schema: channelName }) name: string, @Caller() caller: Caller) {
    return { name, paused: true, groups: await this.channels.pause(name, auditName(caller)) };
  }

  @Post(':name/resume')
  @ApiOperation({ summary: 'Consume a channel again' })
  @Answers(
    200,
    resumedAnswer,
    'The groups that continue, unless another channel of theirs is paused',
  )
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_supported')
  @Refuses(503, 'unavailable')
  async resume(@Param('name', { schema: channelName }) name: string, @Caller() caller: Caller) {
    return { name, paused: false, groups: await this.channels.resume(name, auditName(caller)) };
  }

  @Post(':name/seek')
  @ApiOperation({
    summary: 'Move a group to another place in a channel that is retained',
    description:
      'Only on Kafka, and only while the channel is paused. What the group has consumed within the retention of its inbox is ' +
      'recognised as a duplicate and changes nothing.',
  })
  @Answers(202, movedAnswer, 'The group continues there')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_supported', 'group_in_use')
  @Refuses(503, 'unavailable')
  async seek(
    @Param('name', { schema: channelName }) name: string,
    @Body({ schema: seekBody }) { group, to }: z.output<typeof seekBody>,
    @Caller() caller: Caller,
  ) {
    await this.channels.seek(name, group, to, auditName(caller));
    return { name, group };
  }

  @Post(':name/purge')
  @ApiOperation({
    summary: 'Remove what waits at the broker in a channel, for good',
    description:
      '`confirm` is the name of the channel. Messages in an outbox, deferred messages and dead letters stay. Whoever waits for ' +
      'what a removed message would have caused waits in vain: a saga until its timeout, a projection until it is rebuilt.',
  })
  @Answers(202, purgedAnswer, 'How many messages were removed, by group')
  @Refuses(404, 'not_found')
  @Refuses(409, 'not_supported', 'group_in_use')
  @Refuses(422, 'not_confirmed')
  @Refuses(503, 'unavailable')
  async purge(
    @Param('name', { schema: channelName }) name: string,
    @Body({ schema: purgeBody }) { confirm }: z.output<typeof purgeBody>,
    @Caller() caller: Caller,
  ) {
    await this.channels.find(name);
    if (confirm !== name) throw notConfirmed(name);
    const groups = await this.channels.purge(name, auditName(caller));
    return { name, purged: groups.reduce((sum, { purged }) => sum + purged, 0), groups };
  }

  private async waiting(
    name: string,
    limit: number,
    until: number,
  ): Promise<Merged<BrowsedMessage>> {
    for (;;) {
      const found = await this.channels.browse(name, limit);
      const left = until - Date.now();
      if (found.items.length > 0 || left <= 0) return found;
      await new Promise((resolve) => setTimeout(resolve, Math.min(lookEvery, left)));
    }
  }
}

const notConfirmed = (name: string): Problem =>
  new Problem(422, 'not_confirmed', `to purge ${name}, confirm its name`, {
    errors: [{ path: '/confirm', message: `is ${name}` }],
  });

function detailOf({ subscribers, ...channel }: ChannelDetail) {
  const rate = subscribers.reduce((sum, each) => sum + each.rate, 0);
  const errors = subscribers.reduce((sum, each) => sum + each.rate * each.errorRate, 0);
  const [pause] = subscribers.filter(({ pausedBy }) => pausedBy !== null);
  return {
    ...channel,
    depth: total(subscribers.map(({ depth }) => depth)),
    inFlight: total(subscribers.map(({ inFlight }) => inFlight)),
    lagMs: largest(subscribers.map(({ lagMs }) => lagMs)),
    rates: { perSecond: rate, errorRate: rate === 0 ? 0 : errors / rate },
    paused: pause !== undefined,
    pausedBy: pause?.pausedBy ?? null,
    pausedAt: pause?.pausedAt ?? null,
    partitions: partitionsOf(subscribers),
    subscribers,
  };
}

/** The partitions of all groups; each group has its own view of what waits. */
function partitionsOf(subscribers: ChannelDetail['subscribers']) {
  const all = subscribers.flatMap(({ partitions }) => partitions);
  return [...new Set(all.map(({ partition }) => partition))]
    .sort((a, b) => a - b)
    .map((partition) => {
      const views = all.filter((each) => each.partition === partition);
      return {
        partition,
        depth: total(views.map(({ depth }) => depth)),
        end: largest(views.map(({ end }) => end)),
      };
    });
}

/** Null if no part is known. */
function total(parts: readonly (number | null)[]): number | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.reduce((sum, part) => sum + part, 0);
}

function largest(parts: readonly (number | null)[]): number | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : Math.max(...known);
}
